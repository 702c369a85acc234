import { EfiError } from '@dxelab/uefi';
import type { VirtioDevice } from '@dxelab/virtio';
import { VSTAT_NEEDS_RESET } from '@dxelab/virtio';
import type { RingServices } from '../virtio-ring.ts';
import type { UsedChain, VirtioQueue } from './virtio-queue.ts';

/** The longest pause between two looks at the queue, in microseconds. */
const LONGEST_STALL = 1024;

/**
 * VirtioFlush of a queue, whatever its ring: tells the device of what was submitted, and waits until a
 * chain comes back.
 * @param timeout in microseconds; 0: for ever, as OVMF waits
 * @returns the queue's record of it
 * @throws as `virtioQueueAwait`, and what the transport's notification throws
 */
export function virtioQueueFlush(
  virtIo: VirtioDevice,
  bs: RingServices,
  queue: VirtioQueue,
  timeout = 0,
): UsedChain {
  queue.kick();
  return virtioQueueAwait(virtIo, bs, queue, timeout);
}

/**
 * Waits until a chain comes back.
 * @param timeout in microseconds; 0: for ever
 * @throws EFI_DEVICE_ERROR if the device breaks the queue or asks for a reset; EFI_TIMEOUT: the chains
 *   are still the device's, and can be awaited once more; EFI_NOT_READY if none is in flight
 */
export function virtioQueueAwait(
  virtIo: VirtioDevice,
  bs: RingServices,
  queue: VirtioQueue,
  timeout: number,
): UsedChain {
  for (let pause = 1, waited = 0; !queue.collect();) {
    requireEnd(virtIo, queue);
    if (timeout !== 0) {
      if (waited >= timeout) throw timedOut(queue, timeout);
      pause = Math.min(pause, timeout - waited);
      waited += pause;
    }
    bs.stall(pause);
    if (pause < LONGEST_STALL) pause *= 2;
  }
  return queue.used;
}

/** Whether waiting on can still end. */
function requireEnd(virtIo: VirtioDevice, queue: VirtioQueue): void {
  if (queue.inFlight === 0) {
    throw new EfiError('EFI_NOT_READY', `virtqueue ${queue.index} has no chain in flight`);
  }
  if ((virtIo.getDeviceStatus() & VSTAT_NEEDS_RESET) === 0) return;
  const message = `virtqueue ${queue.index} waits for a device that asks for a reset`;
  throw new EfiError('EFI_DEVICE_ERROR', message);
}

function timedOut(queue: VirtioQueue, timeout: number): EfiError {
  const message = `virtqueue ${queue.index} has ${queue.inFlight} chains in flight`;
  return new EfiError('EFI_TIMEOUT', `${message}, and none came back within ${timeout} µs`);
}
