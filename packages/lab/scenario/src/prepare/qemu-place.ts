import { MachineSetupError } from '@dxelab/emulated-machine';
import type { QemuValue, QemuVirtioOptions } from '@dxelab/qemu-machine';
import type { RingOptions } from '@dxelab/virtio-devices';
import { given } from '../units/given.ts';
import type { Attachment } from './board.ts';

/**
 * Where a virtio device is on QEMU, and what it is told.
 * @param settings by QEMU's names; what is `undefined` is left as QEMU has it
 * @throws MachineSetupError for rings that QEMU has not
 */
export function placeOnQemu(
  { transport, slot, accessPlatform, ring = {} }: Attachment,
  settings: Readonly<Record<string, QemuValue | undefined>> = {},
): QemuVirtioOptions {
  const properties = given({ iommu_platform: accessPlatform, ...qemuRing(ring), ...settings });
  if (transport !== 'mmio') return { transport, slot, properties };
  return { transport, slot: Number(slot.replace('mmio ', '')), properties };
}

/** What our devices can be told of their rings and QEMU's cannot; what QEMU has not may be switched off. */
function qemuRing({
  indirect,
  eventIdx,
  packed,
  reset,
  ...others
}: RingOptions): Readonly<Record<string, QemuValue | undefined>> {
  const { inOrder = false, notificationData = false, completion } = others;
  const foreign = Object.entries({ inOrder, notificationData, completion })
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name]) => name);
  if (foreign.length > 0) {
    throw new MachineSetupError(`QEMU's rings have no ${foreign.join(', ')}`);
  }
  return { indirect_desc: indirect, event_idx: eventIdx, packed, queue_reset: reset };
}
