import { MachineSetupError } from '@dxelab/emulated-machine';
import type { QemuValue } from '@dxelab/qemu-machine';
import type { HostedQemuDevice, HostedQemuUnit } from '../host.ts';
import type { ScsiUnitData, VirtioScsiData } from '../scenario.ts';
import { given } from '../units/given.ts';
import type { Attachment } from './board.ts';
import type { PreparedDisk } from './prepared-disk.ts';
import { placeOnQemu } from './qemu-place.ts';

/** What our device can be told and QEMU's cannot. */
const ONLY_EMULATED = [
  'segMax',
  'maxTarget',
  'maxLun',
  'inout',
  'latency',
  'response',
  'taskManagement',
] as const satisfies readonly (keyof VirtioScsiData['options'])[];

const ONLY_EMULATED_UNIT = ['spinUp', 'maxTransferLength'];

/** A logical unit, and its medium as the host opened it. */
export interface OpenScsiUnit {
  readonly unit: ScsiUnitData;
  readonly disk: PreparedDisk | undefined;
}

/** A SCSI host as QEMU has it. @throws MachineSetupError if the scenario wants what QEMU cannot do */
export function qemuScsi(
  attachment: Attachment,
  units: readonly OpenScsiUnit[],
  options: VirtioScsiData['options'],
): HostedQemuDevice {
  const foreign = ONLY_EMULATED.filter((name) => options[name] !== undefined);
  if (foreign.length > 0) {
    throw new MachineSetupError(`QEMU's SCSI host has no ${foreign.join(', ')}`);
  }
  const settings = {
    num_queues: options.requestQueues,
    virtqueue_size: options.queueSize,
    max_sectors: options.maxSectors,
    cmd_per_lun: options.cmdPerLun,
    hotplug: options.hotplug,
    param_change: options.paramChange,
  };
  return {
    type: 'scsi',
    options: placeOnQemu(attachment, settings),
    // QEMU's REPORT LUNS begins with what was plugged last; ours with the lowest.
    units: units.map(qemuUnit).toSorted((a, b) => b.lun - a.lun),
  };
}

function qemuUnit({ unit, disk }: OpenScsiUnit): HostedQemuUnit {
  const { type, target, lun, options } = unit;
  const foreign = ONLY_EMULATED_UNIT.filter((name) => name in options);
  if (foreign.length > 0) {
    throw new MachineSetupError(`QEMU's SCSI ${type} has no ${foreign.join(', ')}`);
  }
  const { vendor, product, revision, serial, wwn } = options;
  const identity = { vendor, product, ver: revision, serial, wwn: wwn?.toString() };
  const settings = unit.type === 'disk' ? diskSettings(unit) : {};
  const properties = given({ ...identity, ...settings });
  const place = { type, target, lun, properties };
  if (disk === undefined) return place;
  return { ...place, disk: { backend: disk.backend, access: accessTo(unit, disk) } };
}

function diskSettings({
  options,
}: ScsiUnitData & { type: 'disk' }): Readonly<Record<string, QemuValue | undefined>> {
  const { blockSize, physicalBlockSize = blockSize, unmap } = options;
  return {
    removable: options.removable,
    logical_block_size: blockSize,
    physical_block_size: physicalBlockSize,
    'write-cache': options.writeCache,
    // With a granularity of 0 there is nothing to unmap; left out, QEMU chooses one.
    discard_granularity: unmap === false ? 0 : undefined,
    rotation_rate: options.rotationRate,
  };
}

function accessTo(
  unit: ScsiUnitData,
  { backend, writable }: PreparedDisk,
): 'read-only' | 'write' | 'discard' {
  if (unit.type === 'cdrom') return 'read-only';
  const { readOnly = backend.readOnly } = unit.options;
  if (readOnly) return 'read-only';
  return writable ? 'write' : 'discard';
}
