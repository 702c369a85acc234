/** Status codes (SAM-6). */
export const SCSI_STATUS_GOOD = 0x00;
export const SCSI_STATUS_CHECK_CONDITION = 0x02;
export const SCSI_STATUS_CONDITION_MET = 0x04;
export const SCSI_STATUS_BUSY = 0x08;
export const SCSI_STATUS_RESERVATION_CONFLICT = 0x18;
export const SCSI_STATUS_TASK_SET_FULL = 0x28;
export const SCSI_STATUS_ACA_ACTIVE = 0x30;
export const SCSI_STATUS_TASK_ABORTED = 0x40;

/** Peripheral device types (SPC-6). */
export const SCSI_TYPE_DISK = 0x00;
export const SCSI_TYPE_CDROM = 0x05;
export const SCSI_TYPE_WELL_KNOWN_UNIT = 0x1e;
export const SCSI_TYPE_UNKNOWN = 0x1f;
