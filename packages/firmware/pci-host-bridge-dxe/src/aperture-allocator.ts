import type { PciAperture, PciRootBridgeHob } from '@dxelab/platform';
import type { PciResourceProposal, PciResourceRequest } from '@dxelab/uefi';
import type { ApertureSpace, ApertureSpaces } from './aperture-space.ts';

/** The largest alignment that an address of a window can have (PciHostBridge.c: AllocateResource). */
const LARGEST_IO_ALIGNMENT = 2 ** 15;
const LARGEST_32_BIT_ALIGNMENT = 2 ** 31;
const LARGEST_64_BIT_ALIGNMENT = 2 ** 63;

/**
 * Gives each request of a root bridge a place in the bridge's apertures, bottom-up, and takes it out of
 * `spaces`. The largest alignment is served first; of equal ones the type that EDK II counts later.
 * Memory above 4 GiB is taken from below when there is none left above. PciHostBridge.c: NotifyPhase.
 * @param requests at most one a type, in the order of the types
 * @returns the proposals in the order of the requests
 */
export function allocateFromApertures(
  hob: PciRootBridgeHob,
  requests: readonly PciResourceRequest[],
  spaces: ApertureSpaces,
): readonly PciResourceProposal[] {
  const order = requests.toReversed().toSorted((a, b) => b.alignment - a.alignment);
  const bases = new Map(order.map((request) => [request, allocate(hob, request, spaces)]));
  return requests.map((request) => ({ ...request, base: bases.get(request) }));
}

/** Gives back what was allocated. */
export function freeToApertures(
  proposals: readonly PciResourceProposal[],
  { io, memory }: ApertureSpaces,
): void {
  for (const { type, base, length } of proposals) {
    if (base !== undefined) (type === 'io' ? io : memory).free(base, length);
  }
}

function allocate(
  hob: PciRootBridgeHob,
  request: PciResourceRequest,
  { io, memory }: ApertureSpaces,
): number | undefined {
  if (request.type === 'io') return take(hob.io, request, LARGEST_IO_ALIGNMENT, io);
  const wide = request.type === 'mem64' || request.type === 'pmem64';
  const above = wide ? take(hob.mem64, request, LARGEST_64_BIT_ALIGNMENT, memory) : undefined;
  return above ?? take(hob.mem32, request, LARGEST_32_BIT_ALIGNMENT, memory);
}

function take(
  window: PciAperture | undefined,
  request: PciResourceRequest,
  largestAlignment: number,
  space: ApertureSpace,
): number | undefined {
  if (window === undefined) return undefined;
  const { length } = request;
  const alignment = Math.min(request.alignment, largestAlignment);
  const base = firstFree(window, length, alignment, space);
  if (base !== undefined) space.allocate(base, length);
  return base;
}

/**
 * The lowest aligned address at which `length` bytes of the window are free. EDK II tries to allocate at one
 * aligned address after the other; the map tells which of them is the first that can be had.
 */
function firstFree(
  window: PciAperture,
  length: number,
  alignment: number,
  space: ApertureSpace,
): number | undefined {
  let base = alignUp(window.base, alignment);
  // In ascending order, one look at each neighbour is enough.
  for (const range of space.ranges()) {
    const end = range.base + range.length;
    const isInTheWay = !range.isDecoded || !range.isFree;
    if (isInTheWay && base < end && base + length > range.base) base = alignUp(end, alignment);
  }
  return base + length <= window.base + window.length ? base : undefined;
}

function alignUp(address: number, alignment: number): number {
  return Math.ceil(address / alignment) * alignment;
}
