import type { EfiHandle, EfiPciHostBridgeResourceAllocation, PciResourceType } from '@dxelab/uefi';
import {
  EFI_PCI_HOST_BRIDGE_COMBINE_MEM_PMEM,
  EFI_PCI_HOST_BRIDGE_MEM64_DECODE,
  PCI_RESOURCE_TYPES,
  efiStatusOf,
} from '@dxelab/uefi';
import type { DebugLib } from '@dxelab/uefi-lib';
import { DEBUG_ERROR } from '@dxelab/uefi-lib';
import type { PciIoDevice } from '../enumeration/pci-io-device.ts';
import { everyDevice, locationText } from '../enumeration/pci-io-device.ts';
import type { LayOut } from './lay-out.ts';
import { layOut } from './lay-out.ts';
import type { ResourceNode, TypeMap } from './resource-node.ts';
import { collectResources, mergeTypes, programResources } from './resource-node.ts';

/** One root bridge, and what was found behind it. */
export interface AllocatedBridge {
  readonly handle: EfiHandle;
  /** A function that finds no room is taken out. */
  children: PciIoDevice[];
}

/** What one root bridge asks for. */
interface Submission {
  readonly rootBridge: AllocatedBridge;
  readonly contents: ReadonlyMap<PciResourceType, LayOut<ResourceNode>>;
}

const FOUR_GIB = 0x1_0000_0000;

/**
 * Gives every BAR and bridge window behind a host bridge its addresses. What does not fit is taken out
 * of the tree, the greediest function first, until the rest fits: one function must not cost the boot.
 * PciLib.c: PciHostBridgeResourceAllocator, PciHostBridgeAdjustAllocation.
 */
export function allocateResources(
  hostBridge: EfiPciHostBridgeResourceAllocation,
  rootBridges: readonly AllocatedBridge[],
  debug: DebugLib,
): void {
  for (const rootBridge of rootBridges) rejectWithoutWindow(rootBridge, debug);
  for (;;) {
    const submissions = rootBridges.map((rootBridge) => submit(hostBridge, rootBridge));
    if (isSatisfied(hostBridge)) {
      for (const submission of submissions) program(hostBridge, submission);
      return;
    }
    for (const submission of submissions) rejectGreediest(hostBridge, submission, debug);
    hostBridge.notifyPhase('EfiPciHostBridgeFreeResources');
  }
}

function submit(
  hostBridge: EfiPciHostBridgeResourceAllocation,
  rootBridge: AllocatedBridge,
): Submission {
  const attributes = hostBridge.getAllocAttributes(rootBridge.handle);
  const map = mergeTypes(collectResources(rootBridge.children), rootTypes(attributes));
  const contents = new Map<PciResourceType, LayOut<ResourceNode>>();
  for (const type of PCI_RESOURCE_TYPES) {
    if (map[type].length > 0) contents.set(type, layOut(map[type], 1));
  }
  hostBridge.submitResources(
    rootBridge.handle,
    [...contents].map(([type, { length, alignment }]) => ({ type, length, alignment })),
  );
  return { rootBridge, contents };
}

/** The ranges that a root bridge has, by its attributes (PI Vol. 5 §10.8.2, GetAllocAttributes). */
function rootTypes(attributes: number): TypeMap {
  const combined = (attributes & EFI_PCI_HOST_BRIDGE_COMBINE_MEM_PMEM) !== 0;
  const wide = (attributes & EFI_PCI_HOST_BRIDGE_MEM64_DECODE) !== 0;
  const mem64 = wide ? 'mem64' : 'mem32';
  const pmem64 = wide ? 'pmem64' : 'pmem32';
  return {
    io: 'io',
    mem32: 'mem32',
    pmem32: combined ? 'mem32' : 'pmem32',
    mem64,
    pmem64: combined ? mem64 : pmem64,
  };
}

function isSatisfied(hostBridge: EfiPciHostBridgeResourceAllocation): boolean {
  try {
    hostBridge.notifyPhase('EfiPciHostBridgeAllocateResources');
    return true;
  } catch (caught) {
    if (efiStatusOf(caught) === 'EFI_OUT_OF_RESOURCES') return false;
    throw caught;
  }
}

function program(
  hostBridge: EfiPciHostBridgeResourceAllocation,
  { rootBridge, contents }: Submission,
): void {
  for (const { type, base } of hostBridge.getProposedResources(rootBridge.handle)) {
    const content = contents.get(type);
    if (content !== undefined && base !== undefined) programResources(content, base);
  }
}

/** Takes out the function with the largest BAR among those that compete for what is missing. */
function rejectGreediest(
  hostBridge: EfiPciHostBridgeResourceAllocation,
  { rootBridge, contents }: Submission,
  debug: DebugLib,
): void {
  const proposals = hostBridge.getProposedResources(rootBridge.handle);
  const missing = proposals.filter(({ base }) => base === undefined);
  if (missing.length === 0) return;
  const memory = missing.some(({ type }) => type !== 'io');
  const rivals = proposals.filter(({ type, base }) =>
    // 64-bit memory that had to go below 4 GiB takes room from 32-bit memory.
    memory ? type !== 'io' && (base === undefined || base < FOUR_GIB) : type === 'io',
  );
  const bars = rivals.flatMap(({ type }) =>
    (contents.get(type)?.placed ?? []).flatMap(({ node }) => barsOf(node)),
  );
  const greediest = bars.reduce((most, node) => (node.length > most.length ? node : most));
  const what = `0x${greediest.length.toString(16)} ${memory ? 'bytes of memory' : 'ports'}`;
  reject(rootBridge, greediest.device, `no room for its ${what}`, debug);
}

/** The BAR that a node is, or those behind the window that it is. */
function barsOf(node: ResourceNode): readonly ResourceNode[] {
  if (node.what.kind === 'bar') return [node];
  return node.what.content.placed.flatMap((inside) => barsOf(inside.node));
}

/** Takes out what needs ports behind a bridge that forwards none. */
function rejectWithoutWindow(rootBridge: AllocatedBridge, debug: DebugLib): void {
  for (const { bridge } of everyDevice(rootBridge.children)) {
    if (bridge === undefined || bridge.decode.io !== 0) continue;
    for (const { device } of collectResources(bridge.children).io.flatMap(barsOf)) {
      reject(rootBridge, device, 'a bridge above it forwards no I/O', debug);
    }
  }
}

function reject(
  rootBridge: AllocatedBridge,
  rejected: PciIoDevice,
  reason: string,
  debug: DebugLib,
): void {
  const where = locationText(rejected.config.location);
  debug.debug(DEBUG_ERROR, `PCI ${where} is left out: ${reason}`);
  rootBridge.children = rootBridge.children.filter((device) => device !== rejected);
  for (const { bridge } of everyDevice(rootBridge.children)) {
    if (bridge !== undefined) {
      bridge.children = bridge.children.filter((device) => device !== rejected);
    }
  }
}
