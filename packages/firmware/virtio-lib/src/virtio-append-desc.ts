import type { DeviceAddress } from '@dxelab/uefi';
import { VRING_AVAIL_F_NO_INTERRUPT, VRING_DESC_F_WRITE, VRING_DESC_SIZE } from '@dxelab/virtio';
import type { DescIndices, VirtioRing } from './virtio-ring.ts';

/**
 * VirtioPrepare: turns the device's interrupts off and begins a chain at descriptor 0.
 * @returns the ring's one record of indices, valid until the next VirtioPrepare
 */
export function virtioPrepare(ring: VirtioRing): DescIndices {
  ring.ram.writeUint16(ring.avail, VRING_AVAIL_F_NO_INTERRUPT);
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
  const desc = ring.desc + (indices.nextDescIdx % queueSize) * VRING_DESC_SIZE;
  indices.nextDescIdx = (indices.nextDescIdx + 1) & 0xffff;
  if ((flags & VRING_DESC_F_WRITE) !== 0) indices.writableBytes += bufferSize;
  ram.writeUint64(desc, bufferDeviceAddress);
  ram.writeUint32(desc + 8, bufferSize);
  ram.writeUint16(desc + 12, flags);
  // always a plausible index: the device looks at it only with VRING_DESC_F_NEXT
  ram.writeUint16(desc + 14, indices.nextDescIdx % queueSize);
}
