import type { DevicePath, EfiBootServices, EfiExtScsiPassThru, EfiHandle } from '@dxelab/uefi';
import { DevicePathProtocol, ExtScsiPassThruProtocol } from '@dxelab/uefi';
import type { Unwind } from '@dxelab/uefi-lib';
import { openParent } from '@dxelab/uefi-lib';

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
  const parent = { agent, controller };
  const devicePath = openParent(bs, parent, DevicePathProtocol, unwind);
  return { devicePath, passThru: openParent(bs, parent, ExtScsiPassThruProtocol, unwind) };
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
