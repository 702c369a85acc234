import type { Random } from '@dxelab/emulated-machine';
import type { DescriptorChain, VirtioDeviceHost, VirtioDeviceModel } from './index.ts';

/** Fills the driver's buffers with throws of a die, whose sides are in its configuration. */
export class VirtioDice implements VirtioDeviceModel {
  readonly name = 'virtio-dice';
  readonly deviceType = 60;
  readonly features = 0n;
  readonly queueSizes = [8];
  readonly config: Uint8Array;
  #random: Random | undefined;

  constructor(sides: number) {
    this.config = Uint8Array.of(sides);
  }

  attach(host: VirtioDeviceHost): void {
    this.#random = host.random;
  }

  handleChain(_queueIndex: number, chain: DescriptorChain): number {
    const [sides = 6] = this.config;
    for (let position = 0; position < chain.writableLength; position++) {
      const random = this.#random?.next() ?? 0;
      chain.writeUint8(position, 1 + (random % sides));
    }
    return chain.writableLength;
  }
}
