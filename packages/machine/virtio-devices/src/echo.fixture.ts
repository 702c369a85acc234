import type { VirtioDeviceHost, VirtioDeviceModel } from './core/virtio-device-model.ts';
import type { DescriptorChain } from './queue/descriptor-chain.ts';

/** Answers each chain with its own first byte, plus one, in each writable byte. */
export class Echo implements VirtioDeviceModel {
  readonly name = 'echo';
  readonly deviceType = 42;
  readonly features = 0b101n;
  readonly queueSizes: readonly number[];
  readonly config: Uint8Array = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  host: VirtioDeviceHost | undefined;
  started: bigint[] = [];
  resets = 0;
  delay = 0;
  pending: DescriptorChain[] = [];
  mode: 'answer' | 'keep' | 'break' = 'answer';

  constructor(queueSizes: readonly number[] = [16, 8]) {
    this.queueSizes = queueSizes;
  }

  attach(host: VirtioDeviceHost): void {
    this.host = host;
  }

  start(features: bigint): void {
    this.started.push(features);
  }

  reset(): void {
    this.resets++;
  }

  writeConfig(offset: number, _width: number, value: number): void {
    this.config[offset] = value;
  }

  handleChain(queueIndex: number, chain: DescriptorChain): number | 'pending' {
    if (this.mode === 'break') this.host?.needsReset('5', 'an echo without sound');
    if (this.mode === 'keep') {
      this.pending.push(chain);
      return 'pending';
    }
    const answer = (): number =>
      chain.writeBytes(0, new Uint8Array(chain.writableLength).fill(chain.readUint8(0) + 1));
    if (this.delay === 0 || this.host === undefined) return answer();
    return this.host.later(queueIndex, chain, this.delay, answer);
  }
}
