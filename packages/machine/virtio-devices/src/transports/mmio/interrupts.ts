import type { InterruptSink } from '@dxelab/emulated-machine';
import { VIRTIO_MMIO_INT_CONFIG, VIRTIO_MMIO_INT_VRING } from '@dxelab/virtio';
import type { VirtioTransport } from '../../core/virtio-device-environment.ts';

/** How a device on MMIO notifies its driver: by its line and the interrupt status (virtio §4.2.3.4). */
export class VirtioMmioInterrupts implements VirtioTransport {
  readonly notificationSection = '4.2.3.3';
  readonly #name: string;
  readonly #sink: InterruptSink;
  readonly #line: number;
  #status = 0;

  /** @param line the number of the device's interrupt line */
  constructor(name: string, sink: InterruptSink, line: number) {
    this.#name = name;
    this.#sink = sink;
    this.#line = line;
  }

  /** What has happened and was not acknowledged. */
  get status(): number {
    return this.#status;
  }

  notifyQueue(): void {
    this.#set(this.#status | VIRTIO_MMIO_INT_VRING);
  }

  notifyConfig(): void {
    this.#set(this.#status | VIRTIO_MMIO_INT_CONFIG);
  }

  /** The driver has handled these events. */
  acknowledge(events: number): void {
    this.#set(this.#status & ~events);
  }

  reset(): void {
    this.#set(0);
  }

  #set(status: number): void {
    this.#status = status;
    this.#sink.line(this.#name, this.#line, status !== 0);
  }
}
