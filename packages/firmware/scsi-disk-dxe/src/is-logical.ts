import type { EfiBootServices, EfiHandle } from '@dxelab/uefi';
import {
  EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_LOGICAL,
  EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
  ExtScsiPassThruProtocol,
  isEfiFailure,
} from '@dxelab/uefi';

/**
 * Whether the channel of a unit shows logical units (UEFI §15.7.1). One that is physical only shows the
 * disks of an array whose blocks are not to be had this way.
 */
export function isOnLogicalChannel(bs: EfiBootServices, unit: EfiHandle): boolean {
  const channel = channels(bs).find((handle) =>
    bs
      .openProtocolInformation(handle, ExtScsiPassThruProtocol)
      .some(
        ({ attributes, controllerHandle }) =>
          controllerHandle === unit && (attributes & EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER) !== 0,
      ),
  );
  if (channel === undefined) return false;
  const { attributes } = bs.handleProtocol(channel, ExtScsiPassThruProtocol).mode;
  return (attributes & EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_LOGICAL) !== 0;
}

function channels(bs: EfiBootServices): readonly EfiHandle[] {
  try {
    return bs.locateHandleBuffer({ type: 'ByProtocol', protocol: ExtScsiPassThruProtocol });
  } catch (caught) {
    if (isEfiFailure(caught)) return [];
    throw caught;
  }
}
