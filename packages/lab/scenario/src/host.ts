import type {
  QemuEntropy,
  QemuImage,
  QemuMachine,
  QemuMachineOptions,
  QemuScsiUnit,
  QemuVirtioOptions,
} from '@dxelab/qemu-machine';
import type { BlockBackend } from '@dxelab/virtio-devices';

/** A disk of the host, open until whoever opened it closes it. */
export interface OpenDisk {
  readonly backend: BlockBackend;
  close(): void;
}

export interface DiskOptions {
  /** Whether what is written goes to the file itself. */
  readonly writable: boolean;
}

/** The medium of a disk of QEMU's, as the host opened it. */
export interface HostedQemuDisk {
  readonly backend: BlockBackend;
  readonly access: QemuImage['access'];
}

/** A logical unit of QEMU's SCSI host; an empty drive has no medium. */
export interface HostedQemuUnit extends Omit<QemuScsiUnit, 'image'> {
  readonly disk?: HostedQemuDisk;
}

/** A virtio device of QEMU's, with what stands behind it. */
export interface HostedQemuDevice {
  /** As it stands in QEMU's name: `blk`. */
  readonly type: string;
  readonly options: QemuVirtioOptions;
  readonly disk?: HostedQemuDisk;
  readonly entropy?: QemuEntropy;
  /** What is on a SCSI host's bus. */
  readonly units?: readonly HostedQemuUnit[];
}

/** A machine of QEMU's that a scenario asks for. */
export interface HostedQemuOptions extends Pick<
  QemuMachineOptions,
  'machine' | 'memory' | 'virtioMmioVersion' | 'seed' | 'time' | 'budget' | 'terminal'
> {
  readonly devices: readonly HostedQemuDevice[];
}

/** A QEMU that is installed. */
export interface HostedQemu {
  /** Switches a machine on; whoever does it closes it. */
  start(options: HostedQemuOptions): QemuMachine;
}

/**
 * Where files and modules come from: the lab has none of its own, so that it runs wherever JavaScript
 * does. What a member throws is shown at the place of the scenario that asked for it: its message
 * says what was expected and what came.
 */
export interface Host {
  /** The path of a file that is named in another one, `base`: relative to where that one stands. */
  resolve(base: string, path: string): string;
  /** Opens a disk image. @param path as `resolve` returned it */
  openDisk(path: string, options: DiskOptions): OpenDisk;
  /**
   * Imports a module and returns its namespace.
   * @param specifier a path as `resolve` returned it, or the name of a package
   * @param base the file that names it: packages are looked for from there
   */
  loadModule(specifier: string, base: string): Promise<unknown>;
  /** Fills an array with entropy of the host's; absent on a host that has none to give. */
  fillRandom?(target: Uint8Array): void;
  /** The host's time, in seconds since 1970; absent on a host that has none to give. */
  now?(): number;
  /** Looks for a QEMU; absent on a host that starts no programs. */
  findQemu?(): HostedQemu;
}
