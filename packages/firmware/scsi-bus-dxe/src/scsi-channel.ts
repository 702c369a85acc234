import type {
  DevicePath,
  EfiBootServices,
  EfiExtScsiPassThru,
  EfiHandle,
  Protocol,
} from '@dxelab/uefi';
import {
  DevicePathProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EfiError,
  ExtScsiPassThruProtocol,
  isEfiError,
} from '@dxelab/uefi';
import type { Unwind } from '@dxelab/uefi-lib';

/** What the driver uses of the channel that it manages. */
export interface ScsiChannel {
  readonly passThru: EfiExtScsiPassThru;
  readonly devicePath: DevicePath;
}

/**
 * Opens a channel BY_DRIVER; an earlier Start may have done so already.
 * @param unwind is told how to close what this call has opened
 * @throws EFI_UNSUPPORTED, EFI_ACCESS_DENIED
 */
export function openScsiChannel(
  bs: EfiBootServices,
  agent: EfiHandle,
  controller: EfiHandle,
  unwind: Unwind,
): ScsiChannel {
  const byDriver = <I>(protocol: Protocol<I>): I => {
    const attributes = EFI_OPEN_PROTOCOL_BY_DRIVER;
    const opened = bs.tryOpenProtocol(controller, protocol, agent, controller, attributes);
    if (opened.status === 'EFI_SUCCESS') {
      unwind.push(() => bs.closeProtocol(controller, protocol, agent, controller));
    }
    if (opened.interface !== undefined) return opened.interface;
    const status = isEfiError(opened.status) ? opened.status : 'EFI_UNSUPPORTED';
    throw new EfiError(status, `the channel has no ${protocol.name} to open`);
  };
  const devicePath = byDriver(DevicePathProtocol);
  return { devicePath, passThru: byDriver(ExtScsiPassThruProtocol) };
}

/** Closes what `openScsiChannel` has opened, now or in an earlier Start. */
export function closeScsiChannel(
  bs: EfiBootServices,
  agent: EfiHandle,
  controller: EfiHandle,
): void {
  bs.closeProtocol(controller, ExtScsiPassThruProtocol, agent, controller);
  bs.closeProtocol(controller, DevicePathProtocol, agent, controller);
}
