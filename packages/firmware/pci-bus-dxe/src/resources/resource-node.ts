import type { PciResourceType } from '@dxelab/uefi';
import { PCI_RESOURCE_TYPES } from '@dxelab/uefi';
import {
  BRIDGE_IO_GRANULARITY,
  BRIDGE_MEMORY_GRANULARITY,
  programBridgeWindow,
} from '../enumeration/bridge-windows.ts';
import type { BridgeDecode } from '../enumeration/bridge-windows.ts';
import type { PciBar } from '../enumeration/pci-bar.ts';
import type { BridgePart, PciIoDevice } from '../enumeration/pci-io-device.ts';
import { programBar } from '../enumeration/probe-bars.ts';
import type { LayOut } from './lay-out.ts';
import { layOut } from './lay-out.ts';

/** What one BAR, or one window of a bridge, needs (PciResourceSupport.h: PCI_RESOURCE_NODE). */
export interface ResourceNode {
  readonly device: PciIoDevice;
  readonly length: number;
  readonly alignment: number;
  /** A BAR of the device, or a window of the bridge that it is. */
  readonly what:
    | { readonly kind: 'bar'; readonly bar: PciBar }
    | {
        readonly kind: 'window';
        readonly type: PciResourceType;
        readonly decode: BridgeDecode;
        readonly content: LayOut<ResourceNode>;
      };
}

/** Nodes by the type of the range that they will be in. */
export type ResourceMap = Readonly<Record<PciResourceType, readonly ResourceNode[]>>;

/** Which type of range takes which type of request. */
export type TypeMap = Readonly<Record<PciResourceType, PciResourceType>>;

/** What the functions on one bus need of each type. PciResourceSupport.c: CreateResourceMap. */
export function collectResources(devices: readonly PciIoDevice[]): ResourceMap {
  const map: Record<PciResourceType, ResourceNode[]> = {
    io: [],
    mem32: [],
    pmem32: [],
    mem64: [],
    pmem64: [],
  };
  for (const device of devices) {
    for (const bar of device.bars) {
      if (bar === undefined) continue;
      const { type, length, alignment } = bar;
      map[type].push({ device, length, alignment, what: { kind: 'bar', bar } });
    }
    if (device.bridge === undefined) continue;
    for (const { type, node } of windowsOf(device, device.bridge)) map[type].push(node);
  }
  return map;
}

/** Moves each request to the type of range that will take it. DegradeResource, MergeResourceTree. */
export function mergeTypes(map: ResourceMap, into: TypeMap): ResourceMap {
  const of = (type: PciResourceType): readonly ResourceNode[] =>
    PCI_RESOURCE_TYPES.flatMap((from) => (into[from] === type ? map[from] : []));
  return {
    io: of('io'),
    mem32: of('mem32'),
    pmem32: of('pmem32'),
    mem64: of('mem64'),
    pmem64: of('pmem64'),
  };
}

/** Tells every BAR and window in a range where it is. PciResourceSupport.c: ProgramResource. */
export function programResources(content: LayOut<ResourceNode>, base: number): void {
  for (const { node, offset } of content.placed) {
    const { device, length, what } = node;
    const address = base + offset;
    if (what.kind === 'bar') {
      programBar(device.config, what.bar, address);
    } else {
      programBridgeWindow(device.config, what.decode, what.type, address, length);
      programResources(what.content, address);
    }
  }
}

/** The windows that a bridge needs for what is behind it. */
function windowsOf(
  device: PciIoDevice,
  { decode, children }: BridgePart,
): readonly { readonly type: PciResourceType; readonly node: ResourceNode }[] {
  const behind = collectResources(children);
  const map = mergeTypes(behind, windowTypes(decode, behind));
  return PCI_RESOURCE_TYPES.filter((type) => map[type].length > 0).map((type) => {
    const granularity = type === 'io' ? BRIDGE_IO_GRANULARITY : BRIDGE_MEMORY_GRANULARITY;
    const content = layOut(map[type], granularity);
    const { length, alignment } = content;
    const what = { kind: 'window', type, decode, content } as const;
    return { type, node: { device, length, alignment, what } };
  });
}

/**
 * The windows of a bridge (PCI-to-PCI Bridge 1.2 §3.2.5): I/O, memory below 4 GiB, and one for
 * prefetchable memory, which can lie above. What is not prefetchable stays below 4 GiB.
 */
function windowTypes({ prefetchable }: BridgeDecode, behind: ResourceMap): TypeMap {
  const types = { io: 'io', mem32: 'mem32', mem64: 'mem32' } as const;
  if (prefetchable === 0) return { ...types, pmem32: 'mem32', pmem64: 'mem32' };
  if (prefetchable === 32) return { ...types, pmem32: 'pmem32', pmem64: 'pmem32' };
  // There is one such window: it goes above 4 GiB if anything can use it there.
  const above = behind.pmem64.length > 0;
  return { ...types, pmem32: above ? 'mem32' : 'pmem32', pmem64: 'pmem64' };
}
