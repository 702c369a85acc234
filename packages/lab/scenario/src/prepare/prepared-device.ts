import type { Device } from '@dxelab/emulated-machine';
import { PciBridge, PciFunction } from '@dxelab/pci-devices';
import { OverlayBackend, VirtioBlk, VirtioPciModern } from '@dxelab/virtio-devices';
import type { BlockBackend, VirtioBlkOptions, VirtioDeviceModel } from '@dxelab/virtio-devices';
import type { CustomDevice } from '../scenario-input.ts';

/** What a device is plugged into: the host bridge, or a bridge. */
interface Plug {
  plug(slot: string, func: PciFunction): void;
}

/** A device whose files are open and whose modules are loaded: it can be built as often as one boots. */
export interface PreparedDevice {
  /**
   * Builds the device anew and puts it into its place.
   * @throws MachineSetupError if it cannot be built, and whatever a user's `createDevice` throws
   */
  install(bus: Plug, attach: (device: Device) => void): void;
}

export interface PreparedDisk {
  readonly backend: BlockBackend;
  /** Whether writes go to the backend itself. */
  readonly writable: boolean;
}

/** The disk itself, or, unless it is to be changed, a copy-on-write overlay for one boot. */
export function backendFor({ backend, writable }: PreparedDisk): BlockBackend {
  return writable ? backend : new OverlayBackend(backend);
}

export function preparedVirtioBlk(
  slot: string,
  name: string,
  disk: PreparedDisk,
  options: Omit<VirtioBlkOptions, 'backend'>,
): PreparedDevice {
  return {
    install(bus): void {
      const backend = backendFor(disk);
      bus.plug(slot, new VirtioPciModern(new VirtioBlk({ ...options, backend }), { name }));
    },
  };
}

export function preparedBridge(
  slot: string,
  name: string,
  children: readonly PreparedDevice[],
): PreparedDevice {
  return {
    install(bus, attach): void {
      const bridge = new PciBridge(name);
      for (const child of children) child.install(bridge, attach);
      bus.plug(slot, bridge);
    },
  };
}

export function preparedCustom(slot: string, create: () => CustomDevice): PreparedDevice {
  return {
    install(bus, attach): void {
      const device = create();
      if (device instanceof PciFunction) bus.plug(slot, device);
      else if (isVirtioModel(device)) bus.plug(slot, new VirtioPciModern(device));
      else attach(device);
    },
  };
}

function isVirtioModel(device: CustomDevice): device is VirtioDeviceModel {
  return 'handleChain' in device;
}
