import type { EfiHandle } from '../handle.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** The five kinds of address ranges that PCI functions ask for, `pmem` for prefetchable memory. */
export type PciResourceType = 'io' | 'mem32' | 'pmem32' | 'mem64' | 'pmem64';

/** All of them, in the order in which EDK II counts them. */
export const PCI_RESOURCE_TYPES: readonly PciResourceType[] = [
  'io',
  'mem32',
  'pmem32',
  'mem64',
  'pmem64',
];

/** What everything behind a root bridge needs of one kind. */
export interface PciResourceRequest {
  readonly type: PciResourceType;
  /** In bytes, or ports; above 0. */
  readonly length: number;
  /** A power of two, in bytes. */
  readonly alignment: number;
}

/** A request, and where it was satisfied. */
export interface PciResourceProposal extends PciResourceRequest {
  /** `undefined`: nowhere. */
  readonly base: number | undefined;
}

/** EFI_PCI_HOST_BRIDGE_RESOURCE_ALLOCATION_PHASE, as far as a phase has a meaning here. */
export type EfiPciHostBridgePhase =
  | 'EfiPciHostBridgeBeginEnumeration'
  | 'EfiPciHostBridgeAllocateResources'
  | 'EfiPciHostBridgeFreeResources'
  | 'EfiPciHostBridgeEndEnumeration';

/** Attributes of GetAllocAttributes (PI Vol. 5 §10.8.2). */
export const EFI_PCI_HOST_BRIDGE_COMBINE_MEM_PMEM = 1;
export const EFI_PCI_HOST_BRIDGE_MEM64_DECODE = 2;

/**
 * EFI_PCI_HOST_BRIDGE_RESOURCE_ALLOCATION_PROTOCOL (PI Vol. 5 §10.8): who owns the apertures, for who
 * enumerates the buses. Only what enumeration without hot plug needs.
 */
export interface EfiPciHostBridgeResourceAllocation {
  /**
   * @throws EFI_OUT_OF_RESOURCES if AllocateResources could not satisfy every request: the proposals
   *   tell which; EFI_NOT_READY if a root bridge has submitted nothing
   */
  notifyPhase(phase: EfiPciHostBridgePhase): void;
  /** The root bridge after `previous` (the first without it); `undefined` after the last. */
  getNextRootBridge(previous: EfiHandle | undefined): EfiHandle | undefined;
  /** @throws EFI_INVALID_PARAMETER if it is not a root bridge of this host bridge; so do the others */
  getAllocAttributes(rootBridge: EfiHandle): number;
  /** The bus numbers that the root bridge decodes, both inclusive. */
  startBusEnumeration(rootBridge: EfiHandle): {
    readonly firstBus: number;
    readonly lastBus: number;
  };
  /** Says which of them are in use. */
  setBusNumbers(rootBridge: EfiHandle, firstBus: number, count: number): void;
  /** Replaces what the root bridge asked for; at most one request of a kind. */
  submitResources(rootBridge: EfiHandle, requests: readonly PciResourceRequest[]): void;
  getProposedResources(rootBridge: EfiHandle): readonly PciResourceProposal[];
}

/** By which EFI_PCI_HOST_BRIDGE_RESOURCE_ALLOCATION_PROTOCOL (PI Vol. 5 §10.8) is found. */
export const PciHostBridgeResourceAllocationProtocol: Protocol<EfiPciHostBridgeResourceAllocation> =
  defineProtocol('PciHostBridgeResourceAllocation', 'cf8034be-6768-4d8b-b739-7cce683a9fbe');
