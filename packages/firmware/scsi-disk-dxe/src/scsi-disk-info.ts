import type { EfiDiskInfo, Guid } from '@dxelab/uefi';
import { EFI_DISK_INFO_SCSI_INTERFACE_GUID, EfiError } from '@dxelab/uefi';

/** EFI_DISK_INFO_PROTOCOL of a SCSI disk, which has INQUIRY data only (PI Vol. 5 §15.2). */
export class ScsiDiskInfo implements EfiDiskInfo {
  readonly interface: Guid = EFI_DISK_INFO_SCSI_INTERFACE_GUID;
  readonly #inquiry: Uint8Array;

  /** @param inquiry INQUIRY data */
  constructor(inquiry: Uint8Array) {
    this.#inquiry = inquiry;
  }

  inquiry(): Uint8Array {
    return this.#inquiry.slice();
  }

  identify(): never {
    throw new EfiError('EFI_NOT_FOUND', 'a SCSI disk has no IDENTIFY data');
  }

  senseData(): never {
    throw new EfiError('EFI_NOT_FOUND', 'sense data are not kept');
  }

  whichIde(): never {
    throw new EfiError('EFI_UNSUPPORTED', 'it is no IDE disk');
  }
}
