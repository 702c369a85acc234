/** What a queue was asked or did; `device` is its name. */
interface QueueEvent {
  readonly device: string;
  readonly queue: number;
}

declare module '@dxelab/platform' {
  interface TraceEvents {
    readonly virtio_set_status: { readonly device: string; readonly value: number };
    readonly virtio_reset: { readonly device: string };
    readonly virtio_queue_notify: QueueEvent;
    readonly virtqueue_pop: QueueEvent & {
      readonly head: number;
      /** Descriptors that the device writes, and that it reads. */
      readonly in: number;
      readonly out: number;
    };
    readonly virtqueue_push: QueueEvent & { readonly head: number; readonly length: number };
    readonly virtio_notify: QueueEvent;
    readonly virtio_notify_config: { readonly device: string };
    readonly virtio_error: { readonly device: string; readonly message: string };
  }
}

export type { QueueEvent };
