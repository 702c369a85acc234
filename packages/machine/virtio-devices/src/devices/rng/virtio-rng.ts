import { MachineSetupError } from '@dxelab/emulated-machine';
import { VIRTIO_SUBSYSTEM_ENTROPY_SOURCE } from '@dxelab/virtio';
import type { VirtioDeviceHost, VirtioDeviceModel } from '../../core/virtio-device-model.ts';
import type { DescriptorChain } from '../../queue/descriptor-chain.ts';
import type { EntropySource } from './entropy-source.ts';
import { seededEntropy } from './entropy-source.ts';

/** As many as QEMU's device has. */
const QUEUE_SIZE = 8;

/** A virtio entropy device. */
export interface VirtioRngOptions {
  /** Default: the machine's own generator, which its seed alone determines. */
  readonly entropy?: EntropySource;
  /** Bytes of an answer at most; 0 for a device that never has any. Default: as many as are asked for. */
  readonly bytesPerAnswer?: number;
  /** In descriptors: a power of two up to 32768, or 0 for a device without a queue. Default 8. */
  readonly queueSize?: number;
  /** How long a request takes, in nanoseconds; by default it is done within the notification. */
  readonly latency?: number;
}

/** An entropy device (virtio §5.4). */
export class VirtioRng implements VirtioDeviceModel {
  readonly name = 'virtio-rng';
  readonly deviceType: number = VIRTIO_SUBSYSTEM_ENTROPY_SOURCE;
  readonly features = 0n;
  readonly queueSizes: readonly number[];
  readonly config: Uint8Array = new Uint8Array(0);
  private readonly bytesPerAnswer: number;
  private readonly latency: number;
  private entropy: EntropySource | undefined;
  private host: VirtioDeviceHost | undefined;

  /** @throws MachineSetupError for options that no device can have */
  constructor(options: VirtioRngOptions = {}) {
    const { bytesPerAnswer, queueSize = QUEUE_SIZE, latency = 0 } = options;
    this.bytesPerAnswer =
      bytesPerAnswer === undefined ? Infinity : whole('bytesPerAnswer', bytesPerAnswer);
    this.latency = whole('latency', latency);
    this.queueSizes = [queueSize];
    this.entropy = options.entropy;
  }

  attach(host: VirtioDeviceHost): void {
    this.host = host;
    this.entropy ??= seededEntropy(host.random);
  }

  handleChain(queueIndex: number, chain: DescriptorChain): number | 'pending' {
    const { host, latency } = this;
    const { readableLength, writableLength } = chain;
    host?.trace?.('virtio_rng_request', { device: host.name, size: writableLength });
    if (readableLength > 0 || writableLength === 0) {
      const message = `a request is room for entropy, not ${readableLength} bytes to read and ${writableLength} to write`;
      host?.report('5.4.6.1', message, { readableLength, writableLength });
    }
    if (latency === 0 || host === undefined) return this.deliver(chain);
    return host.later(queueIndex, chain, latency, () => this.deliver(chain));
  }

  /** @returns how many bytes were delivered: a device need not fill the buffer (virtio §5.4.6.2) */
  private deliver(chain: DescriptorChain): number {
    const { host } = this;
    const length = Math.min(chain.writableLength, this.bytesPerAnswer);
    let filled = 0;
    for (let index = chain.readableCount; filled < length; index++) {
      const { bytes, offset, length: room } = chain.segment(index);
      const piece = Math.min(room, length - filled);
      this.entropy?.(bytes.subarray(offset, offset + piece));
      filled += piece;
    }
    host?.trace?.('virtio_rng_pushed', { device: host.name, len: length });
    return length;
  }
}

function whole(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new MachineSetupError(`virtio-rng: ${name} must be a whole number from 0; it is ${value}`);
}
