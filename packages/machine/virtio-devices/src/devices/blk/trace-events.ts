/** A request for sectors of 512 bytes. */
interface SectorRequest {
  readonly device: string;
  readonly sector: number;
  readonly nsectors: number;
}

declare module '@dxelab/platform' {
  interface TraceEvents {
    readonly virtio_blk_handle_read: SectorRequest;
    readonly virtio_blk_handle_write: SectorRequest;
    /** The backend failed. */
    readonly virtio_blk_rw_complete: { readonly device: string; readonly message: string };
    readonly virtio_blk_req_complete: {
      readonly device: string;
      readonly type: number;
      readonly status: number;
    };
  }
}

export type { SectorRequest };
