/** What the driver has room for, in bytes. */
interface EntropyRequest {
  readonly device: string;
  readonly size: number;
}

declare module '@dxelab/platform' {
  interface TraceEvents {
    readonly virtio_rng_request: EntropyRequest;
    readonly virtio_rng_pushed: { readonly device: string; readonly len: number };
  }
}

export type { EntropyRequest };
