/** Which logical unit, and what the driver calls the command. */
interface ScsiRequest {
  readonly device: string;
  readonly target: number;
  readonly lun: number;
  /** The lower 32 bits of the command identifier. */
  readonly tag: number;
}

declare module '@dxelab/platform' {
  interface TraceEvents {
    /** `cmd` is the operation code. */
    readonly virtio_scsi_cmd_req: ScsiRequest & { readonly cmd: number };
    readonly virtio_scsi_cmd_resp: ScsiRequest & {
      readonly response: number;
      readonly status: number;
    };
    readonly virtio_scsi_tmf_req: ScsiRequest & { readonly subtype: number };
    readonly virtio_scsi_tmf_resp: ScsiRequest & { readonly response: number };
    readonly virtio_scsi_an_req: {
      readonly device: string;
      readonly target: number;
      readonly lun: number;
      readonly event_requested: number;
    };
    readonly virtio_scsi_an_resp: {
      readonly device: string;
      readonly target: number;
      readonly lun: number;
      readonly response: number;
    };
    readonly virtio_scsi_event: {
      readonly device: string;
      readonly target: number;
      readonly lun: number;
      readonly event: number;
      readonly reason: number;
    };
  }
}

export type { ScsiRequest };
