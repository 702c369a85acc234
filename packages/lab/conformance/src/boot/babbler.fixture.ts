import type { DescriptorChain, VirtioDeviceModel } from '@dxelab/virtio-devices';

/** A block device of so many sectors that answers every request with the same bytes, whatever was asked. */
export class Babbler implements VirtioDeviceModel {
  readonly name = 'babbler';
  readonly deviceType = 2;
  readonly features = 0n;
  readonly queueSizes = [64];
  readonly config: Uint8Array = new Uint8Array(60);
  readonly #bytes: Uint8Array;
  readonly #status: number;
  readonly #written: number;

  /** @param written what it says that it wrote, in bytes */
  constructor(sectors: number, bytes: Uint8Array, status: number, written: number) {
    new DataView(this.config.buffer).setUint32(0, sectors, true);
    this.#bytes = bytes;
    this.#status = status;
    this.#written = written;
  }

  handleChain(_queue: number, chain: DescriptorChain): number {
    chain.writeBytes(0, this.#bytes);
    chain.writeUint8(chain.writableLength - 1, this.#status);
    return this.#written;
  }
}
