/** Feature bits of a SCSI host device (virtio §5.6.3). */
export const VIRTIO_SCSI_F_INOUT: bigint = 1n << 0n;
export const VIRTIO_SCSI_F_HOTPLUG: bigint = 1n << 1n;
export const VIRTIO_SCSI_F_CHANGE: bigint = 1n << 2n;
export const VIRTIO_SCSI_F_T10_PI: bigint = 1n << 3n;

/** Offsets in the device configuration (virtio §5.6.4). */
export const VIRTIO_SCSI_CONFIG = {
  numQueues: 0,
  segMax: 4,
  maxSectors: 8,
  cmdPerLun: 12,
  eventInfoSize: 16,
  senseSize: 20,
  cdbSize: 24,
  maxChannel: 28,
  maxTarget: 30,
  maxLun: 32,
} as const;

/** Bytes of the configuration. */
export const VIRTIO_SCSI_CONFIG_SIZE = 36;
/** What sense_size and cdb_size are after a reset (virtio §5.6.4). */
export const VIRTIO_SCSI_SENSE_SIZE = 96;
export const VIRTIO_SCSI_CDB_SIZE = 32;

/** Virtqueues (virtio §5.6.2); request queues follow. */
export const VIRTIO_SCSI_CONTROL_QUEUE = 0;
export const VIRTIO_SCSI_EVENT_QUEUE = 1;
export const VIRTIO_SCSI_REQUEST_QUEUE = 2;

/**
 * A request's readable header (virtio §5.6.6.1): lun[8], id u64, task_attr u8, prio u8, crn u8 and the
 * CDB, whose length is cdb_size; data out follows.
 */
export const VIRTIO_SCSI_REQ = { lun: 0, id: 8, taskAttr: 16, prio: 17, crn: 18, cdb: 19 } as const;

/**
 * A request's writable header (virtio §5.6.6.1): sense_len u32, residual u32, status_qualifier u16,
 * status u8, response u8 and the sense data, whose length is sense_size; data in follows.
 */
export const VIRTIO_SCSI_RESP = {
  senseLen: 0,
  residual: 4,
  statusQualifier: 8,
  status: 10,
  response: 11,
  sense: 12,
} as const;

/** Values of `response` (virtio §5.6.6.1, §5.6.6.2). */
export const VIRTIO_SCSI_S_OK = 0;
/** Of a task management function: it is complete. The same value as OK. */
export const VIRTIO_SCSI_S_FUNCTION_COMPLETE = 0;
export const VIRTIO_SCSI_S_OVERRUN = 1;
export const VIRTIO_SCSI_S_ABORTED = 2;
export const VIRTIO_SCSI_S_BAD_TARGET = 3;
export const VIRTIO_SCSI_S_RESET = 4;
export const VIRTIO_SCSI_S_BUSY = 5;
export const VIRTIO_SCSI_S_TRANSPORT_FAILURE = 6;
export const VIRTIO_SCSI_S_TARGET_FAILURE = 7;
export const VIRTIO_SCSI_S_NEXUS_FAILURE = 8;
export const VIRTIO_SCSI_S_FAILURE = 9;
/** Of a task management function only. */
export const VIRTIO_SCSI_S_FUNCTION_SUCCEEDED = 10;
export const VIRTIO_SCSI_S_FUNCTION_REJECTED = 11;
export const VIRTIO_SCSI_S_INCORRECT_LUN = 12;

/** Requests of the control queue: `type` u32 first (virtio §5.6.6.2). */
export const VIRTIO_SCSI_T_TMF = 0;
export const VIRTIO_SCSI_T_AN_QUERY = 1;
export const VIRTIO_SCSI_T_AN_SUBSCRIBE = 2;

/** Task management functions: type u32, subtype u32, lun[8], id u64; the answer is one byte. */
export const VIRTIO_SCSI_CTRL_TMF = { type: 0, subtype: 4, lun: 8, id: 16, size: 24 } as const;
export const VIRTIO_SCSI_T_TMF_ABORT_TASK = 0;
export const VIRTIO_SCSI_T_TMF_ABORT_TASK_SET = 1;
export const VIRTIO_SCSI_T_TMF_CLEAR_ACA = 2;
export const VIRTIO_SCSI_T_TMF_CLEAR_TASK_SET = 3;
export const VIRTIO_SCSI_T_TMF_I_T_NEXUS_RESET = 4;
export const VIRTIO_SCSI_T_TMF_LOGICAL_UNIT_RESET = 5;
export const VIRTIO_SCSI_T_TMF_QUERY_TASK = 6;
export const VIRTIO_SCSI_T_TMF_QUERY_TASK_SET = 7;

/** Asynchronous notifications: type u32, lun[8], event_requested u32; the answer: event_actual u32, response u8. */
export const VIRTIO_SCSI_CTRL_AN = { type: 0, lun: 4, eventRequested: 12, size: 16 } as const;

/** Asynchronous events, as bits (virtio §5.6.6.2). */
export const VIRTIO_SCSI_EVT_ASYNC_MEDIA_CHANGE = 16;

/** An event: event u32, lun[8], reason u32 (virtio §5.6.6.3). */
export const VIRTIO_SCSI_EVENT = { event: 0, lun: 4, reason: 12, size: 16 } as const;
export const VIRTIO_SCSI_T_EVENTS_MISSED = 0x80000000;
export const VIRTIO_SCSI_T_NO_EVENT = 0;
export const VIRTIO_SCSI_T_TRANSPORT_RESET = 1;
export const VIRTIO_SCSI_T_ASYNC_NOTIFY = 2;
export const VIRTIO_SCSI_T_PARAM_CHANGE = 3;
/** Reasons of TRANSPORT_RESET. */
export const VIRTIO_SCSI_EVT_RESET_HARD = 0;
export const VIRTIO_SCSI_EVT_RESET_RESCAN = 1;
export const VIRTIO_SCSI_EVT_RESET_REMOVED = 2;
