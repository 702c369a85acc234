import {
  VIRTIO_BLK_CONFIG,
  VIRTIO_BLK_F_CONFIG_WCE,
  VIRTIO_BLK_F_FLUSH,
  VIRTIO_BLK_REQ_SIZE,
  VIRTIO_F_VERSION_1,
  VIRTIO_SUBSYSTEM_BLOCK_DEVICE,
} from '@dxelab/virtio';
import type { VirtioDeviceHost, VirtioDeviceModel } from '../../core/virtio-device-model.ts';
import type { DescriptorChain } from '../../queue/descriptor-chain.ts';
import { virtioBlkConfig, virtioBlkFeatures } from './virtio-blk-config.ts';
import type { VirtioBlkOptions, VirtioBlkSettings } from './virtio-blk-options.ts';
import { virtioBlkSettings } from './virtio-blk-options.ts';
import { VirtioBlkRequests } from './virtio-blk-requests.ts';

/** A block device over a backend (virtio §5.2). */
export class VirtioBlk implements VirtioDeviceModel {
  readonly name = 'virtio-blk';
  readonly deviceType: number = VIRTIO_SUBSYSTEM_BLOCK_DEVICE;
  readonly features: bigint;
  readonly queueSizes: readonly number[];
  readonly config: Uint8Array;
  private readonly settings: VirtioBlkSettings;
  private readonly requests: VirtioBlkRequests;
  private host: VirtioDeviceHost | undefined;
  /** `undefined` before the driver has said it. */
  private negotiated: bigint | undefined;

  /** @throws MachineSetupError for options that no disk can have */
  constructor(options: VirtioBlkOptions) {
    this.settings = virtioBlkSettings(options);
    this.requests = new VirtioBlkRequests(this.settings);
    this.features = virtioBlkFeatures(this.settings);
    this.queueSizes = [this.settings.queueSize];
    this.config = virtioBlkConfig(this.settings);
    this.applyCacheMode();
  }

  attach(host: VirtioDeviceHost): void {
    this.host = host;
    this.requests.attach(host);
  }

  start(features: bigint): void {
    this.negotiated = features;
    this.requests.negotiated(features);
    // Who can switch the cache on but not flush it gets none (virtio §5.2.5.2); a legacy driver, which
    // never accepts VERSION_1, may have written the field before it accepted anything (§5.2.5.3).
    const switchesBlindly = this.has(VIRTIO_BLK_F_CONFIG_WCE) && !this.has(VIRTIO_BLK_F_FLUSH);
    if (switchesBlindly && this.has(VIRTIO_F_VERSION_1)) this.writeback = 0;
    this.applyCacheMode();
  }

  reset(): void {
    this.negotiated = undefined;
    this.requests.negotiated(0n);
    this.writeback = this.settings.writeCache ? 1 : 0;
    this.applyCacheMode();
  }

  /** Only `writeback` can be written, and only with its feature (virtio §5.2.6.1). */
  writeConfig(offset: number, width: number, value: number): void {
    const isCacheMode = offset === VIRTIO_BLK_CONFIG.writeback && width === 1 && value <= 1;
    const mayChange = this.negotiated ?? this.features;
    if (isCacheMode && (mayChange & VIRTIO_BLK_F_CONFIG_WCE) !== 0n) {
      this.writeback = value;
      this.applyCacheMode();
      return;
    }
    const message = 'only writeback can be written, with 0 or 1 and VIRTIO_BLK_F_CONFIG_WCE';
    this.host?.report('5.2.6.1', message, { offset, width, value });
  }

  handleChain(queueIndex: number, chain: DescriptorChain): number | 'pending' {
    if (chain.readableLength < VIRTIO_BLK_REQ_SIZE || chain.writableLength < 1) {
      const { head, readableLength, writableLength } = chain;
      const message = `a request of ${readableLength} readable and ${writableLength} writable bytes has no room for its header of 16 and its status byte`;
      this.host?.needsReset('5.2.6', message, { head, readableLength, writableLength });
      return 0;
    }
    const { latency } = this.settings;
    if (latency === 0 || this.host === undefined) return this.requests.execute(chain);
    return this.host.later(queueIndex, chain, latency, () => this.requests.execute(chain));
  }

  /** When a completed write is stable without a flush (virtio §5.2.6.2). */
  private applyCacheMode(): void {
    const switchable = this.has(VIRTIO_BLK_F_CONFIG_WCE);
    const flushable = switchable || this.has(VIRTIO_BLK_F_FLUSH);
    this.requests.writeThrough = !flushable || this.writeback === 0;
  }

  private get writeback(): number {
    return this.config[VIRTIO_BLK_CONFIG.writeback] ?? 0;
  }

  private set writeback(value: number) {
    this.config[VIRTIO_BLK_CONFIG.writeback] = value;
  }

  private has(feature: bigint): boolean {
    return ((this.negotiated ?? 0n) & feature) !== 0n;
  }
}
