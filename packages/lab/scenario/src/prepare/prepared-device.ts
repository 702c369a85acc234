import { MachineSetupError } from '@dxelab/emulated-machine';
import { PciBridge, PciFunction } from '@dxelab/pci-devices';
import { VirtioBlk, VirtioRng } from '@dxelab/virtio-devices';
import type { EntropySource, VirtioBlkOptions, VirtioDeviceModel } from '@dxelab/virtio-devices';
import type { HostedQemuDevice } from '../host.ts';
import type { VirtioRngData } from '../scenario.ts';
import type { CustomDevice } from '../scenario-input.ts';
import { plugFunction, plugVirtio } from './board.ts';
import type { Attachment, Board } from './board.ts';
import { backendFor } from './prepared-disk.ts';
import type { PreparedDisk } from './prepared-disk.ts';
import { qemuBlk } from './qemu-blk.ts';
import { qemuRng } from './qemu-rng.ts';

/** A device whose files are open and whose modules are loaded: it can be built as often as one boots. */
export interface PreparedDevice {
  /**
   * Builds the device anew and puts it into its place.
   * @throws MachineSetupError if it cannot be built, and whatever a user's `createDevice` throws
   */
  install(board: Board): void;
  /** The same as a device of QEMU's. @throws MachineSetupError if QEMU has none like it */
  forQemu(): HostedQemuDevice;
}

/** A virtio block device; its overlay, if it has one, is made anew for each boot. */
export function preparedVirtioBlk(
  attachment: Attachment,
  name: string,
  disk: PreparedDisk,
  options: Omit<VirtioBlkOptions, 'backend'>,
): PreparedDevice {
  return {
    install(board): void {
      const backend = backendFor(disk);
      plugVirtio(board, attachment, new VirtioBlk({ ...options, backend }), name);
    },
    forQemu: () => qemuBlk(attachment, disk, options),
  };
}

/** A virtio entropy device. @param fromHost the host's entropy, if that is what is asked for */
export function preparedVirtioRng(
  attachment: Attachment,
  name: string,
  { entropy, options }: Pick<VirtioRngData, 'entropy' | 'options'>,
  fromHost: EntropySource | undefined,
): PreparedDevice {
  const source = typeof entropy === 'function' ? entropy : fromHost;
  return {
    install(board): void {
      const settings = source === undefined ? options : { ...options, entropy: source };
      plugVirtio(board, attachment, new VirtioRng(settings), name);
    },
    forQemu: () => qemuRng(attachment, entropy, options),
  };
}

/** A PCI bridge, with the devices behind it. */
export function preparedBridge(
  slot: string,
  name: string,
  children: readonly PreparedDevice[],
): PreparedDevice {
  return {
    install(board): void {
      const bridge = new PciBridge(name);
      for (const child of children) child.install({ ...board, pci: bridge });
      board.pci.plug(slot, bridge);
    },
    forQemu: () => refuseQemu('a bridge'),
  };
}

/** @param create the `createDevice` of a user, called once a boot */
export function preparedCustom(attachment: Attachment, create: () => CustomDevice): PreparedDevice {
  return {
    install(board): void {
      const device = create();
      if (device instanceof PciFunction) plugFunction(board, attachment, device);
      else if (isVirtioModel(device)) plugVirtio(board, attachment, device);
      else board.attach(device);
    },
    forQemu: () => refuseQemu('a device of your own'),
  };
}

function refuseQemu(what: string): never {
  throw new MachineSetupError(`${what} exists only on the emulated machine, not on QEMU`);
}

function isVirtioModel(device: CustomDevice): device is VirtioDeviceModel {
  return 'handleChain' in device;
}
