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

/** What our rings can be told and QEMU's cannot, but for what its are anyway. */
const ONLY_EMULATED: Readonly<Record<string, boolean | undefined>> = {
  inOrder: false,
  notificationData: false,
  completion: undefined,
  notifyWhileBusy: true,
};

function qemuRing(ring: RingOptions): Readonly<Record<string, QemuValue | undefined>> {
  const foreign = Object.entries(given(ring)).filter(
    ([name, value]) => name in ONLY_EMULATED && value !== ONLY_EMULATED[name],
  );
  if (foreign.length > 0) {
    const names = foreign.map(([name]) => name).join(', ');
    throw new MachineSetupError(`QEMU's rings have no ${names}`);
  }
  const { indirect, eventIdx, packed, reset } = ring;
  return { indirect_desc: indirect, event_idx: eventIdx, packed, queue_reset: reset };
}
