import type { EfiBootServices, EfiHandle } from '@dxelab/uefi';
import type { VirtioDevice, VirtioQueueAccess } from '@dxelab/virtio';
import { VirtioDeviceProtocol, VirtioQueueAccessProtocol } from '@dxelab/virtio';

type InstallServices = Pick<
  EfiBootServices,
  'installProtocolInterface' | 'uninstallProtocolInterface'
>;

/** What a transport puts on a handle: one object with two faces. */
export interface TransportDevice extends VirtioDevice, VirtioQueueAccess {
  /** Whether VIRTIO_DEVICE_PROTOCOL stands alone, as in EDK II. */
  readonly noQueueAccess: boolean;
  /** The protocols are gone: whatever it kept is given back. */
  release(): void;
}

/** Installs the protocols of a device, both or none. @throws what InstallProtocolInterface throws */
export function installVirtioDevice(
  bs: InstallServices,
  handle: EfiHandle,
  device: TransportDevice,
): void {
  bs.installProtocolInterface(handle, VirtioDeviceProtocol, device);
  if (device.noQueueAccess) return;
  otherwise(
    () => bs.uninstallProtocolInterface(handle, VirtioDeviceProtocol, device),
    () => bs.installProtocolInterface(handle, VirtioQueueAccessProtocol, device),
  );
}

/** Takes them away, both or none. @throws EFI_ACCESS_DENIED while a driver does not let go of one */
export function uninstallVirtioDevice(
  bs: InstallServices,
  handle: EfiHandle,
  device: TransportDevice,
): void {
  bs.uninstallProtocolInterface(handle, VirtioDeviceProtocol, device);
  if (device.noQueueAccess) return;
  otherwise(
    () => bs.installProtocolInterface(handle, VirtioDeviceProtocol, device),
    () => bs.uninstallProtocolInterface(handle, VirtioQueueAccessProtocol, device),
  );
}

function otherwise(undo: () => void, body: () => void): void {
  try {
    body();
  } catch (caught) {
    undo();
    throw caught;
  }
}
