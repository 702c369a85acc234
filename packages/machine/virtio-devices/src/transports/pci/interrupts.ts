import type { PciFunction } from '@dxelab/pci-devices';
import { VIRTIO_MSI_NO_VECTOR } from '@dxelab/virtio';
import type { VirtioDeviceCore } from '../../core/virtio-device-core.ts';
import type { VirtioTransport } from '../../core/virtio-device-environment.ts';

/** Bits of the ISR status (virtio §4.1.4.5). */
const QUEUE_INTERRUPT = 1;
const CONFIG_INTERRUPT = 2;

/** How a device on PCI notifies its driver: by MSI-X vectors, or by its line and the ISR status. */
export class VirtioPciInterrupts implements VirtioTransport {
  readonly notificationSection = '4.1.5.2';
  readonly #function: PciFunction;
  readonly #vectors: number;
  readonly #queueVectors: Uint16Array;
  #configVector = VIRTIO_MSI_NO_VECTOR;
  #isr = 0;

  /** @param vectors how many the MSI-X table has */
  constructor(func: PciFunction, vectors: number, queues: number) {
    this.#function = func;
    this.#vectors = vectors;
    this.#queueVectors = new Uint16Array(queues).fill(VIRTIO_MSI_NO_VECTOR);
  }

  get configVector(): number {
    return this.#configVector;
  }

  queueVector(queueIndex: number): number {
    return this.#queueVectors[queueIndex] ?? VIRTIO_MSI_NO_VECTOR;
  }

  /** @returns whether there is such a vector; otherwise NO_VECTOR is mapped (virtio §4.1.5.1.2.1) */
  mapConfig(vector: number): boolean {
    this.#configVector = vector < this.#vectors ? vector : VIRTIO_MSI_NO_VECTOR;
    return this.#configVector === vector;
  }

  /** @returns whether there is such a vector; otherwise NO_VECTOR is mapped */
  mapQueue(queueIndex: number, vector: number): boolean {
    this.#queueVectors[queueIndex] = vector < this.#vectors ? vector : VIRTIO_MSI_NO_VECTOR;
    return this.#queueVectors[queueIndex] === vector;
  }

  notifyQueue(queueIndex: number): void {
    if (this.#function.msixEnabled) {
      this.#signal(this.queueVector(queueIndex));
      return;
    }
    this.#isr |= QUEUE_INTERRUPT;
    this.#function.setInterruptLine(true);
  }

  notifyConfig(): void {
    // The bit is set even where the vector does the notifying (virtio §4.1.4.5.1).
    this.#isr |= CONFIG_INTERRUPT;
    if (this.#function.msixEnabled) this.#signal(this.#configVector);
    else this.#function.setInterruptLine(true);
  }

  /** The driver reads the ISR status, which clears it and releases the line. */
  readIsr(): number {
    const isr = this.#isr;
    this.#isr = 0;
    this.#function.setInterruptLine(false);
    return isr;
  }

  reset(): void {
    this.#queueVectors.fill(VIRTIO_MSI_NO_VECTOR);
    this.#configVector = VIRTIO_MSI_NO_VECTOR;
    this.readIsr();
  }

  #signal(vector: number): void {
    if (vector !== VIRTIO_MSI_NO_VECTOR) this.#function.signalMsix(vector);
  }
}

/** Reports a vector that could not be mapped (virtio §4.1.5.1.2.2). */
export function checkVector(core: VirtioDeviceCore, mapped: boolean, vector: number): void {
  if (mapped) return;
  const message = `vector ${vector} is outside the MSI-X table`;
  core.report('4.1.5.1.2.2', message, { vector });
}
