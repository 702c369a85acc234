import type { QemuVirtioTransport } from '@dxelab/qemu-machine';
import type { Attachment } from './board.ts';

/** Where a virtio device is on QEMU. */
export function placeOnQemu({ transport, slot }: Attachment): QemuVirtioTransport {
  if (transport !== 'mmio') return { transport, slot };
  return { transport, slot: Number(slot.replace('mmio ', '')) };
}
