import { upperHalf } from '@dxelab/platform';
import type { DeviceAddress } from '@dxelab/uefi';
import type { DescIndices, VirtioRing } from './virtio-ring.ts';

// Of a split ring (virtio §2.7.5, §2.7.6): what is imported is looked up at each use.
const DESC_SIZE = 16;
const WRITE = 2;
const NO_INTERRUPT = 1;

/**
 * VirtioPrepare: turns the device's interrupts off and begins a chain at descriptor 0.
 * @returns the ring's one record of indices, valid until the next VirtioPrepare
 */
export function virtioPrepare(ring: VirtioRing): DescIndices {
  ring.ram.writeUint16(ring.avail, NO_INTERRUPT);
  const { indices } = ring;
  indices.headDescIdx = 0;
  indices.nextDescIdx = 0;
  indices.writableBytes = 0;
  return indices;
}

/**
 * VirtioAppendDesc: appends a buffer to the chain. The ring must be large enough: the driver checked
 * that when it set the queue up.
 * @param bufferSize in bytes
 * @param flags VRING_DESC_F_NEXT if more follow, VRING_DESC_F_WRITE if the device writes
 */
export function virtioAppendDesc(
  ring: VirtioRing,
  bufferDeviceAddress: DeviceAddress,
  bufferSize: number,
  flags: number,
  indices: DescIndices,
): void {
  const { ram, queueSize } = ring;
  const desc = ring.desc + (indices.nextDescIdx % queueSize) * DESC_SIZE;
  indices.nextDescIdx = (indices.nextDescIdx + 1) & 0xffff;
  if ((flags & WRITE) !== 0) indices.writableBytes += bufferSize;
  // always a plausible index: the device looks at it only with VRING_DESC_F_NEXT
  const next = indices.nextDescIdx % queueSize;
  const high = upperHalf(bufferDeviceAddress);
  ram.writeUint32x4(desc, bufferDeviceAddress, high, bufferSize, flags | (next << 16));
}
