import type { DescriptorChain, VirtioDeviceHost, VirtioDeviceModel } from '@dxelab/virtio-devices';

/** A device with three queues and a configuration that can change under the driver's hands. */
export class ThreeQueues implements VirtioDeviceModel {
  readonly name = 'three-queues';
  readonly deviceType = 0x3f;
  readonly features = 0n;
  readonly queueSizes: readonly number[] = [8, 16, 32];
  readonly config: Uint8Array = Uint8Array.from({ length: 16 }, (_, at) => at);
  #host: VirtioDeviceHost | undefined;

  attach(host: VirtioDeviceHost): void {
    this.#host = host;
  }

  handleChain(_queueIndex: number, _chain: DescriptorChain): number {
    return 0;
  }

  writeConfig(offset: number, width: number, value: number): void {
    for (let byte = 0; byte < width; byte++) {
      this.config[offset + byte] = (value >>> (8 * byte)) & 0xff;
    }
  }

  /** Fills the configuration, and says that it has changed. */
  change(byte: number): void {
    this.config.fill(byte);
    this.#host?.configChanged();
  }
}
