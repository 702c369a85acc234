import type { Dma } from '@dxelab/emulated-machine';
import type { DeviceAddress } from '@dxelab/uefi';
import { queueFault } from './queue-fault.ts';
import type { RingArea } from './ring-area.ts';
import type { QueueOwner } from './virtqueue.ts';

/** Finds a part of a queue. @returns false, with a fault, if the device may not reach all of it */
export function locatePart(
  area: RingArea,
  dma: Dma,
  owner: QueueOwner,
  section: string,
  part: string,
  address: DeviceAddress,
  length: number,
): boolean {
  if (area.locate(dma, address, length)) return true;
  const message = `the ${part} lies in memory that the device cannot reach`;
  owner.fault(queueFault(section, message, { address, length }));
  return false;
}

/** Remarks on a part of a queue that is not aligned. */
export function checkAlignment(
  owner: QueueOwner,
  section: string,
  part: string,
  address: DeviceAddress,
  alignment: number,
): void {
  if (address % alignment === 0) return;
  const message = `the ${part} at 0x${address.toString(16)}: a multiple of ${alignment}`;
  owner.remark(queueFault(section, message, { address, alignment }));
}
