import type { EfiBootServices, EfiHandle, EfiStatus } from '@dxelab/uefi';
import { EFI_OPEN_PROTOCOL_BY_DRIVER } from '@dxelab/uefi';
import { VirtioDeviceProtocol } from '@dxelab/virtio';

/**
 * Supported() of every virtio driver: the controller is a virtio device of this type, and nobody
 * drives it yet.
 */
export function virtioSupported(
  bs: EfiBootServices,
  agent: EfiHandle,
  controller: EfiHandle,
  subSystemDeviceId: number,
): EfiStatus {
  const opened = bs.tryOpenProtocol(
    controller,
    VirtioDeviceProtocol,
    agent,
    controller,
    EFI_OPEN_PROTOCOL_BY_DRIVER,
  );
  if (opened.status !== 'EFI_SUCCESS' || opened.interface === undefined) return opened.status;
  const supported = opened.interface.subSystemDeviceId === subSystemDeviceId;
  bs.closeProtocol(controller, VirtioDeviceProtocol, agent, controller);
  return supported ? 'EFI_SUCCESS' : 'EFI_UNSUPPORTED';
}
