import type { DeviceAddress } from '@dxelab/uefi';
import type { VirtioDevice } from '@dxelab/virtio';
import { VRING_AVAIL_F_NO_INTERRUPT, VRING_DESC_SIZE } from '@dxelab/virtio';
import type { DescIndices, VirtioRing } from '@dxelab/virtio-lib';

// VirtioLib as it was before April 2013, with the fault that the page docs/the-bug-of-2013.md is about.

/** The longest pause between two looks at the used index, in microseconds. */
const LONGEST_STALL = 1024;

/** Begins a chain where the one before it has ended: further along the table. */
export function virtioPrepare(ring: VirtioRing): DescIndices {
  const { ram, avail, indices } = ring;
  ram.writeUint16(avail, VRING_AVAIL_F_NO_INTERRUPT);
  indices.headDescIdx = ram.readUint16(avail + 2);
  indices.nextDescIdx = indices.headDescIdx;
  return indices;
}

/** Appends a buffer to the chain. One index counts descriptors and entries of the Available Ring alike. */
export function virtioAppendDesc(
  ring: VirtioRing,
  bufferDeviceAddress: DeviceAddress,
  bufferSize: number,
  flags: number,
  indices: DescIndices,
): void {
  const { ram, queueSize } = ring;
  const entry = ring.avail + 4 + (indices.nextDescIdx % queueSize) * 2;
  const desc = ring.desc + (indices.nextDescIdx % queueSize) * VRING_DESC_SIZE;
  // the fault: an entry for each descriptor, and each of them names the head
  ram.writeUint16(entry, indices.headDescIdx % queueSize);
  indices.nextDescIdx = (indices.nextDescIdx + 1) & 0xffff;
  ram.writeUint64(desc, bufferDeviceAddress);
  ram.writeUint32(desc + 8, bufferSize);
  ram.writeUint16(desc + 12, flags);
  ram.writeUint16(desc + 14, indices.nextDescIdx % queueSize);
}

/** Makes available what was appended, notifies the device and waits until it has used all of it. */
export function virtioFlush(
  virtIo: VirtioDevice,
  virtQueueId: number,
  ring: VirtioRing,
  indices: DescIndices,
): void {
  const { ram, libraries } = ring;
  libraries.memoryFence();
  ram.writeUint16(ring.avail + 2, indices.nextDescIdx);
  libraries.memoryFence();
  virtIo.setQueueNotify(virtQueueId);
  libraries.memoryFence();
  // Why nobody noticed: a chain that was submitted three times is used three times.
  for (let pause = 1; ram.readUint16(ring.used + 2) !== indices.nextDescIdx;) {
    ring.bs.stall(pause);
    if (pause < LONGEST_STALL) pause *= 2;
    libraries.memoryFence();
  }
}
