import { ScsiCdRom, ScsiDisk } from '@dxelab/scsi-targets';
import type { ScsiLogicalUnit } from '@dxelab/scsi-targets';
import { VirtioScsi } from '@dxelab/virtio-devices';
import type { VirtioScsiData } from '../scenario.ts';
import { plugVirtio } from './board.ts';
import type { Attachment } from './board.ts';
import { backendFor } from './prepared-disk.ts';
import type { PreparedDevice } from './prepared-device.ts';
import { qemuScsi } from './qemu-scsi.ts';
import type { OpenScsiUnit } from './qemu-scsi.ts';

/** A SCSI host with its disks and drives; overlays are made anew for each boot. */
export function preparedVirtioScsi(
  attachment: Attachment,
  name: string,
  units: readonly OpenScsiUnit[],
  options: VirtioScsiData['options'],
): PreparedDevice {
  return {
    install(board): void {
      const built = units.map(({ unit, disk }) => {
        const { target, lun } = unit;
        return { target, lun, unit: buildUnit(name, { unit, disk }) };
      });
      plugVirtio(board, attachment, new VirtioScsi({ ...options, units: built }), name);
    },
    forQemu: () => qemuScsi(attachment, units, options),
  };
}

/**
 * Builds a logical unit.
 * @param host the name of the device that it is behind
 * @throws MachineSetupError for a medium that does not fit, such as half a block
 */
export function buildUnit(host: string, { unit, disk }: OpenScsiUnit): ScsiLogicalUnit {
  const name = `${host} ${unit.type} ${unit.target}:${unit.lun}`;
  // Nothing is written to a disc, so that it needs no overlay.
  if (unit.type === 'cdrom') {
    return new ScsiCdRom({ ...unit.options, name, backend: disk?.backend });
  }
  const backend = disk === undefined ? undefined : backendFor(disk);
  return new ScsiDisk({ ...unit.options, name, backend });
}
