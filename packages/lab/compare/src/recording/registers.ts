import {
  VIRTIO_MMIO,
  VIRTIO_MMIO_CONFIG,
  VIRTIO_MMIO_LEGACY,
  VIRTIO_PCI_COMMON_CFG,
  VIRTIO_PCI_LEGACY,
} from '@dxelab/virtio';

/** A part of a device's registers, wherever it is: what offsets count from. */
export type StructureName = 'common' | 'notify' | 'isr' | 'config' | 'legacy' | 'mmio';

/** What a register is for, whichever transport has it. */
export type RegisterRole =
  | 'offered-select'
  | 'offered'
  | 'accepted-select'
  | 'accepted'
  | 'status'
  | 'queue-select'
  | 'queue-size'
  /** Where the parts of a ring are; on legacy transports the page where all of it begins. */
  | 'descriptors'
  | 'driver'
  | 'device'
  | 'page'
  | 'page-size'
  | 'align'
  /** 1: the ring can be used; 0: no more. */
  | 'enable'
  /** 1: one queue is reset, and not its device. */
  | 'queue-reset'
  | 'notify';

/** A register as a comparison calls it. */
export interface RegisterPlace {
  /** `common.deviceStatus`, `config+0x08`. */
  readonly name: string;
  /** Of the access within the register, in bytes: 4 for the upper half of 64 bits. */
  readonly shift: number;
  readonly role: RegisterRole | undefined;
}

const ROLES: Readonly<Record<string, RegisterRole>> = {
  'common.deviceFeatureSelect': 'offered-select',
  'common.deviceFeature': 'offered',
  'common.driverFeatureSelect': 'accepted-select',
  'common.driverFeature': 'accepted',
  'common.deviceStatus': 'status',
  'common.queueSelect': 'queue-select',
  'common.queueSize': 'queue-size',
  'common.queueDesc': 'descriptors',
  'common.queueDriver': 'driver',
  'common.queueDevice': 'device',
  'common.queueEnable': 'enable',
  'common.queueReset': 'queue-reset',
  'legacy.deviceFeatures': 'offered',
  'legacy.driverFeatures': 'accepted',
  'legacy.deviceStatus': 'status',
  'legacy.queueSelect': 'queue-select',
  'legacy.queueSize': 'queue-size',
  'legacy.queueAddress': 'page',
  'legacy.queueNotify': 'notify',
  'mmio.deviceFeaturesSel': 'offered-select',
  'mmio.deviceFeatures': 'offered',
  'mmio.driverFeaturesSel': 'accepted-select',
  'mmio.driverFeatures': 'accepted',
  'mmio.status': 'status',
  'mmio.queueSel': 'queue-select',
  'mmio.queueSize': 'queue-size',
  'mmio.queueDescLow': 'descriptors',
  'mmio.queueDescHigh': 'descriptors',
  'mmio.queueDriverLow': 'driver',
  'mmio.queueDriverHigh': 'driver',
  'mmio.queueDeviceLow': 'device',
  'mmio.queueDeviceHigh': 'device',
  'mmio.queueReady': 'enable',
  'mmio.queueReset': 'queue-reset',
  'mmio.queuePfn': 'page',
  'mmio.guestPageSize': 'page-size',
  'mmio.queueAlign': 'align',
  'mmio.queueNotify': 'notify',
};

/** A field by where it begins. */
type Field = readonly [offset: number, name: string];

const FIELDS: Readonly<Record<'common' | 'legacy' | 'mmio', readonly Field[]>> = {
  common: fieldsOf(VIRTIO_PCI_COMMON_CFG),
  legacy: fieldsOf(VIRTIO_PCI_LEGACY),
  mmio: fieldsOf({ ...VIRTIO_MMIO, ...VIRTIO_MMIO_LEGACY }),
};

/** Latest first. */
function fieldsOf(offsets: Readonly<Record<string, number>>): readonly Field[] {
  return Object.entries(offsets)
    .map(([name, offset]): Field => [offset, name])
    .toSorted(([left], [right]) => right - left);
}

/**
 * What is at an offset of a structure.
 * @param configOffset where in it the device's own configuration begins, if it holds that too
 */
export function registerAt(
  structure: StructureName,
  offset: number,
  configOffset: number = structure === 'mmio' ? VIRTIO_MMIO_CONFIG : Infinity,
): RegisterPlace {
  if (structure === 'notify') return { name: 'notify', shift: 0, role: 'notify' };
  if (structure === 'config') return configPlace(offset);
  if (structure === 'isr')
    return { name: offset === 0 ? 'isr' : plus('isr', offset), shift: 0, role: undefined };
  if (offset >= configOffset) return configPlace(offset - configOffset);
  const [start, field] = FIELDS[structure].find(([begin]) => begin <= offset) ?? [0, '?'];
  const name = `${structure}.${field}`;
  const shift = offset - start;
  const high = name.endsWith('High') ? 4 : 0;
  const role = shift === 0 || shift === 4 ? ROLES[name] : undefined;
  return { name: shift === 0 ? name : plus(name, shift), shift: shift + high, role };
}

function configPlace(offset: number): RegisterPlace {
  return { name: plus('config', offset), shift: 0, role: undefined };
}

function plus(name: string, offset: number): string {
  return `${name}+0x${offset.toString(16).padStart(2, '0')}`;
}
