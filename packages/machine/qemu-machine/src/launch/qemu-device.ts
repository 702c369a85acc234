import { QemuError } from '../qemu-error.ts';

/** A value of a device property as QEMU knows it; a boolean is `on` or `off`. */
export type QemuValue = string | number | boolean;

/** The medium of a disk: a raw image in a file of the host. */
export interface QemuImage {
  readonly path: string;
  /** `discard`: the guest may write, and the file stays as it is. */
  readonly access: 'read-only' | 'write' | 'discard';
}

/** Something that is plugged into the machine: `-device driver,property=value,...`. */
export interface QemuDevice {
  /** Such as `virtio-blk-pci`; `qemu-system-x86_64 -device help` lists them. */
  readonly driver: string;
  /** By QEMU's names; `qemu-system-x86_64 -device virtio-blk-pci,help` lists them. */
  readonly properties?: Readonly<Record<string, QemuValue>>;
  /** What its property `drive` becomes. */
  readonly image?: QemuImage;
  /** What its property `rng` becomes. */
  readonly entropy?: QemuEntropy;
  /** What is on the bus that it has, such as disks on a SCSI host's. */
  readonly children?: readonly QemuDevice[];
}

/** Where entropy comes from: QEMU's own generator, which the machine's `seed` determines, or the host's. */
export type QemuEntropy = 'seeded' | 'host';

/** How a virtio device is reached. */
export type QemuVirtioTransport =
  | {
      readonly transport: 'pci-modern' | 'pci-legacy' | 'pci-transitional';
      /** On bus 0, such as `02.0`. */
      readonly slot: string;
    }
  | {
      readonly transport: 'mmio';
      /** 0 to 23: which of microvm's transports. */
      readonly slot: number;
    };

/** What every virtio device can be told. */
export type QemuVirtioOptions = QemuVirtioTransport & {
  /** Beyond the transport's: `{ iommu_platform: true, packed: true }`. */
  readonly properties?: Readonly<Record<string, QemuValue>>;
};

/** A virtio disk. */
export function qemuVirtioBlk(
  options: QemuVirtioOptions & { readonly image: QemuImage },
): QemuDevice {
  return { ...qemuVirtio('blk', options), image: options.image };
}

/** A virtio entropy source. Without `entropy` QEMU chooses where it comes from. */
export function qemuVirtioRng(
  options: QemuVirtioOptions & { readonly entropy?: QemuEntropy },
): QemuDevice {
  const { entropy } = options;
  return { ...qemuVirtio('rng', options), ...(entropy === undefined ? {} : { entropy }) };
}

/** A logical unit of a SCSI host. */
export interface QemuScsiUnit {
  /** QEMU's `scsi-hd` or `scsi-cd`. */
  readonly type: 'disk' | 'cdrom';
  /** 0 to 255. */
  readonly target: number;
  /** 0 to 16383. */
  readonly lun: number;
  /** A drive without a medium has none. */
  readonly image?: QemuImage;
  /** `qemu-system-x86_64 -device scsi-hd,help` lists them. */
  readonly properties?: Readonly<Record<string, QemuValue>>;
}

/** A virtio SCSI host with its logical units. */
export function qemuVirtioScsi(
  options: QemuVirtioOptions & { readonly units: readonly QemuScsiUnit[] },
): QemuDevice {
  return { ...qemuVirtio('scsi', options), children: options.units.map(qemuScsiUnit) };
}

/** A disk or a CD-ROM drive on the bus of a SCSI host. */
export function qemuScsiUnit({ type, target, lun, image, properties }: QemuScsiUnit): QemuDevice {
  return {
    driver: type === 'disk' ? 'scsi-hd' : 'scsi-cd',
    properties: { 'scsi-id': target, lun, ...properties },
    ...(image === undefined ? {} : { image }),
  };
}

/**
 * A virtio device of any type on a transport.
 * @param type as it stands in QEMU's name: `scsi` for virtio-scsi-pci and virtio-scsi-device
 */
export function qemuVirtio(type: string, options: QemuVirtioOptions): QemuDevice {
  const { properties } = options;
  if (options.transport === 'mmio') {
    const bus = `virtio-mmio-bus.${options.slot}`;
    return { driver: `virtio-${type}-device`, properties: { bus, ...properties } };
  }
  const { transport, slot } = options;
  const settings = {
    addr: slot,
    'disable-legacy': transport === 'pci-modern',
    'disable-modern': transport === 'pci-legacy',
    // What was notified of is then done at once, and not when QEMU's main loop comes to it: the guest
    // sees no difference, and a request takes half the time.
    ioeventfd: false,
  };
  return { driver: `virtio-${type}-pci`, properties: { ...settings, ...properties } };
}

/** As objects of QEMU's. */
const ENTROPY: Readonly<Record<QemuEntropy, string>> = {
  seeded: 'rng-builtin',
  host: 'rng-random,filename=/dev/urandom',
};

/**
 * The command line of one device and of what is on its bus.
 * @param index tells its drive from others
 * @throws QemuError `refused` for names that are none
 */
export function deviceArguments(device: QemuDevice, index: number | string): readonly string[] {
  const { driver, properties = {}, image, entropy, children = [] } = device;
  const drive = `drive${index}`;
  const rng = `rng${index}`;
  const host = `host${index}`;
  const settings = Object.entries(properties).map(
    ([name, value]) => `${checkedName(name)}=${valueText(value)}`,
  );
  if (image !== undefined) settings.push(`drive=${drive}`);
  if (entropy !== undefined) settings.push(`rng=${rng}`);
  if (children.length > 0) settings.push(`id=${host}`);
  return [
    ...(image === undefined ? [] : ['-drive', driveText(drive, image)]),
    ...(entropy === undefined ? [] : ['-object', `${ENTROPY[entropy]},id=${rng}`]),
    '-device',
    [checkedName(driver), ...settings].join(','),
    // A device's first bus has its name, with `.0`.
    ...children.flatMap((child, position) =>
      deviceArguments(
        { ...child, properties: { bus: `${host}.0`, ...child.properties } },
        `${index}-${position}`,
      ),
    ),
  ];
}

function driveText(id: string, { path, access }: QemuImage): string {
  const readOnly = access === 'read-only' ? 'on' : 'off';
  const snapshot = access === 'discard' ? 'on' : 'off';
  // The driver is named, or a colon in the path would be taken for a protocol's.
  return [
    `if=none,id=${id},format=raw,readonly=${readOnly},snapshot=${snapshot}`,
    `file.driver=file,file.filename=${escaped(path)}`,
  ].join(',');
}

function valueText(value: QemuValue): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return escaped(String(value));
}

/** QEMU takes a comma for the end of a value, unless it stands twice. */
function escaped(text: string): string {
  return text.replaceAll(',', ',,');
}

function checkedName(name: string): string {
  if (/^[a-zA-Z][\w.-]*$/.test(name)) return name;
  throw new QemuError('refused', `"${name}" is not the name of a device or a property of QEMU's`);
}
