import type { QemuValue, QemuVirtioOptions } from '@dxelab/qemu-machine';
import { given } from '../units/given.ts';
import type { Attachment } from './board.ts';

/**
 * Where a virtio device is on QEMU, and what it is told.
 * @param settings by QEMU's names; what is `undefined` is left as QEMU has it
 */
export function placeOnQemu(
  { transport, slot, accessPlatform }: Attachment,
  settings: Readonly<Record<string, QemuValue | undefined>> = {},
): QemuVirtioOptions {
  const properties = given({ iommu_platform: accessPlatform, ...settings });
  if (transport !== 'mmio') return { transport, slot, properties };
  return { transport, slot: Number(slot.replace('mmio ', '')), properties };
}
