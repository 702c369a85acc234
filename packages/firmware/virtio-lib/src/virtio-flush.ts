import { EfiError } from '@dxelab/uefi';
import type { VirtioDevice } from '@dxelab/virtio';
import { VSTAT_NEEDS_RESET } from '@dxelab/virtio';
import type { DescIndices, VirtioRing } from './virtio-ring.ts';

// Of the used ring (virtio §2.7.8): what is imported is looked up at each use.
const ELEM_SIZE = 8;
const NO_NOTIFY = 1;

/** The longest pause between two looks at the used index, in microseconds. */
const LONGEST_STALL = 1024;

/**
 * VirtioFlush: makes the chain available, once, notifies the device and waits until it has used it.
 * @param timeout in microseconds; 0: for ever, as OVMF waits
 * @returns how many bytes the device says it wrote
 * @throws what SetQueueNotify throws; EFI_DEVICE_ERROR if the device breaks the ring or asks for a
 *   reset, EFI_TIMEOUT: then the chain may still be the device's, and nothing but a reset reclaims it,
 *   or, after EFI_TIMEOUT, that `virtioAwait` sees it come back
 */
export function virtioFlush(
  virtIo: VirtioDevice,
  virtQueueId: number,
  ring: VirtioRing,
  indices: DescIndices,
  timeout = 0,
): number {
  if (ring.broken !== undefined) throw notReset(ring.broken);
  const { ram, libraries } = ring;
  const current = ring.trustsDevice ? ram.readUint16(ring.avail + 2) : ring.availIdx;
  const next = (current + 1) & 0xffff;
  if (!ring.trustsDevice) requireIdle(virtQueueId, ring, current);

  // virtio §2.7.13: the ring entry before the index, the index before the notification
  ram.writeUint16(
    ring.avail + 4 + (current % ring.queueSize) * 2,
    indices.headDescIdx % ring.queueSize,
  );
  libraries.memoryFence();
  ram.writeUint16(ring.avail + 2, next);
  ring.availIdx = next;
  libraries.memoryFence();
  if (ring.alwaysNotifies || (ram.readUint16(ring.used) & NO_NOTIFY) === 0) {
    notify(virtIo, virtQueueId, ring);
  }
  return virtioAwait(virtIo, virtQueueId, ring, indices, timeout);
}

/**
 * Waits for the chain that was made available last: the second half of VirtioFlush, and a second chance
 * after its EFI_TIMEOUT, such as when the command was aborted since. If the chain comes back, the ring
 * is as good as new.
 * @param timeout in microseconds; 0: for ever
 * @returns how many bytes the device says it wrote
 * @throws EFI_DEVICE_ERROR, EFI_TIMEOUT as `virtioFlush`
 */
export function virtioAwait(
  virtIo: VirtioDevice,
  virtQueueId: number,
  ring: VirtioRing,
  indices: DescIndices,
  timeout: number,
): number {
  const { ram, libraries, availIdx: next } = ring;
  const current = (next - 1) & 0xffff;
  libraries.memoryFence();
  if (ram.readUint16(ring.used + 2) !== next) poll(virtIo, virtQueueId, ring, timeout);
  libraries.memoryFence();
  ring.broken = undefined;
  return usedLength(virtQueueId, ring, current, indices);
}

/** Looks again and again until the chain was used. */
function poll(virtIo: VirtioDevice, virtQueueId: number, ring: VirtioRing, timeout: number): void {
  const { ram, libraries, availIdx: next } = ring;
  let pause = 1;
  let waited = 0;
  do {
    if (!ring.trustsDevice) checkProgress(virtIo, virtQueueId, ring, (next - 1) & 0xffff);
    if (timeout !== 0) {
      if (waited >= timeout) throw timedOut(ring, virtQueueId, timeout);
      pause = Math.min(pause, timeout - waited);
      waited += pause;
    }
    ring.bs.stall(pause);
    if (pause < LONGEST_STALL) pause *= 2;
    libraries.memoryFence();
  } while (ram.readUint16(ring.used + 2) !== next);
}

/** An element more than there were chains: it would pass for the answer to the chain that comes now. */
function requireIdle(virtQueueId: number, ring: VirtioRing, before: number): void {
  const index = ring.ram.readUint16(ring.used + 2);
  if (index !== before) throw notIdle(virtQueueId, ring, before, index);
}

function notIdle(virtQueueId: number, ring: VirtioRing, before: number, index: number): EfiError {
  return broken(ring, virtQueueId, `has used index ${index} after ${before} with no chain in it`);
}

/** A notification that fails leaves an index that the device may see at any time later. */
function notify(virtIo: VirtioDevice, virtQueueId: number, ring: VirtioRing): void {
  try {
    virtIo.setQueueNotify(virtQueueId);
  } catch (caught) {
    if (!ring.trustsDevice) ring.broken = `virtqueue ${virtQueueId} could not be notified`;
    throw caught;
  }
}

/** Whether waiting on can still end: lock-step allows the old index and the new one, nothing else. */
function checkProgress(
  virtIo: VirtioDevice,
  virtQueueId: number,
  ring: VirtioRing,
  before: number,
): void {
  const index = ring.ram.readUint16(ring.used + 2);
  if (index !== before && index !== ((before + 1) & 0xffff)) {
    throw broken(ring, virtQueueId, `has used index ${index} after ${before} with one chain in it`);
  }
  if ((virtIo.getDeviceStatus() & VSTAT_NEEDS_RESET) !== 0) {
    throw broken(ring, virtQueueId, 'waits for a device that asks for a reset');
  }
}

function usedLength(
  virtQueueId: number,
  ring: VirtioRing,
  current: number,
  indices: DescIndices,
): number {
  const element = ring.used + 4 + (current % ring.queueSize) * ELEM_SIZE;
  const id = ring.ram.readUint32(element);
  const length = ring.ram.readUint32(element + 4);
  if (ring.trustsDevice) return length;
  const { headDescIdx, writableBytes } = indices;
  if (id === headDescIdx && length <= writableBytes) return length;
  const what =
    id !== headDescIdx
      ? `has used id ${id}, but ${headDescIdx} was submitted`
      : `has used length ${length}, but ${writableBytes} bytes were writable`;
  throw broken(ring, virtQueueId, what);
}

function notReset(what: string): EfiError {
  return new EfiError('EFI_DEVICE_ERROR', `${what}, and was not reset since`);
}

function timedOut(ring: VirtioRing, virtQueueId: number, timeout: number): EfiError {
  ring.broken = `virtqueue ${virtQueueId} has a chain that was not used within ${timeout} µs`;
  return new EfiError('EFI_TIMEOUT', ring.broken);
}

function broken(ring: VirtioRing, virtQueueId: number, what: string): EfiError {
  ring.broken = `virtqueue ${virtQueueId} ${what}`;
  return new EfiError('EFI_DEVICE_ERROR', ring.broken);
}
