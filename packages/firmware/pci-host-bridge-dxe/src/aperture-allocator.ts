import type { PciAperture, PciRootBridgeHob } from '@dxelab/platform';
import type { PciResourceProposal, PciResourceRequest } from '@dxelab/uefi';

/** The largest alignment that an address of a window can have (PciHostBridge.c: AllocateResource). */
const LARGEST_IO_ALIGNMENT = 2 ** 15;
const LARGEST_32_BIT_ALIGNMENT = 2 ** 31;
const LARGEST_64_BIT_ALIGNMENT = 2 ** 63;

/** Addresses that are taken already, of all the root bridges of a host bridge. */
export interface TakenAddresses {
  readonly io: PciAperture[];
  readonly memory: PciAperture[];
}

/**
 * Gives each request of a root bridge a place in the bridge's apertures, bottom-up, and notes it in
 * `taken`. The largest alignment is served first; of equal ones the type that EDK II counts later.
 * Memory above 4 GiB is taken from below when there is none left above. PciHostBridge.c: NotifyPhase.
 * @param requests at most one a type, in the order of the types
 * @returns the proposals in the order of the requests
 */
export function allocateFromApertures(
  hob: PciRootBridgeHob,
  requests: readonly PciResourceRequest[],
  taken: TakenAddresses,
): readonly PciResourceProposal[] {
  const order = requests.toReversed().toSorted((a, b) => b.alignment - a.alignment);
  const bases = new Map(order.map((request) => [request, allocate(hob, request, taken)]));
  return requests.map((request) => ({ ...request, base: bases.get(request) }));
}

function allocate(
  hob: PciRootBridgeHob,
  request: PciResourceRequest,
  taken: TakenAddresses,
): number | undefined {
  if (request.type === 'io') return take(hob.io, request, LARGEST_IO_ALIGNMENT, taken.io);
  const wide = request.type === 'mem64' || request.type === 'pmem64';
  const above = wide ? take(hob.mem64, request, LARGEST_64_BIT_ALIGNMENT, taken.memory) : undefined;
  return above ?? take(hob.mem32, request, LARGEST_32_BIT_ALIGNMENT, taken.memory);
}

function take(
  window: PciAperture | undefined,
  request: PciResourceRequest,
  largestAlignment: number,
  taken: PciAperture[],
): number | undefined {
  if (window === undefined) return undefined;
  const { length } = request;
  const alignment = Math.min(request.alignment, largestAlignment);
  const base = firstFree(window, length, alignment, taken);
  if (base !== undefined) taken.push({ base, length });
  return base;
}

/** The lowest aligned address at which `length` bytes of the window are free. */
function firstFree(
  window: PciAperture,
  length: number,
  alignment: number,
  taken: readonly PciAperture[],
): number | undefined {
  let base = alignUp(window.base, alignment);
  // In ascending order, one look at each neighbour is enough.
  for (const other of taken.toSorted((a, b) => a.base - b.base)) {
    const end = other.base + other.length;
    if (base < end && base + length > other.base) base = alignUp(end, alignment);
  }
  return base + length <= window.base + window.length ? base : undefined;
}

function alignUp(address: number, alignment: number): number {
  return Math.ceil(address / alignment) * alignment;
}
