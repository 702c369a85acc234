import type { EfiBootServices } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { VirtioFieldSize, VirtqueueAreas, VRing } from '@dxelab/virtio';
import {
  VIRTIO_MMIO,
  VIRTIO_MMIO_LEGACY,
  VIRTIO_PAGE_SIZE,
  VIRTIO_SPEC_REVISION_0_9_5,
  VIRTIO_SPEC_REVISION_1_0_0,
} from '@dxelab/virtio';
import type { DmaServices, TransportDevice } from '@dxelab/virtio-transport-lib';
import {
  badFieldSize,
  badQueueSize,
  LEGACY_RING_FEATURES,
  legacyFeatures,
  legacyRingPage,
  modernOnly,
  notificationData,
  queuePageNumber,
  readBetweenGenerations,
  readUntilStable,
  require4096,
  RESETTABLE_RING_FEATURES,
  SharedMemory,
  waitForQueueReset,
  waitForReset,
} from '@dxelab/virtio-transport-lib';
import type { MmioIdentity } from './identity.ts';
import type { VirtioMmioQuirks } from './quirks.ts';
import type { MmioRegisters } from './registers.ts';

/**
 * VIRTIO_DEVICE_PROTOCOL over the MMIO transport: modern as version 2, legacy as version 1 (virtio §4.2;
 * OvmfPkg/Library/VirtioMmioDeviceLib).
 */
export class VirtioMmioDevice extends SharedMemory implements TransportDevice {
  readonly revision: number;
  readonly subSystemDeviceId: number;
  readonly ringFeatures: bigint;
  readonly noQueueAccess: boolean;
  private readonly bs: Pick<EfiBootServices, 'stall'>;
  private readonly registers: MmioRegisters;
  private readonly legacy: boolean;
  private readonly quirks: VirtioMmioQuirks;
  /** In descriptors: what a modern device is told of a queue with its address; 0 before it is known. */
  private queueSize = 0;

  constructor(
    bs: Pick<EfiBootServices, 'stall'>,
    registers: MmioRegisters,
    { legacy, deviceType }: MmioIdentity,
    dma: DmaServices,
    quirks: VirtioMmioQuirks,
  ) {
    super(dma);
    this.revision = legacy ? VIRTIO_SPEC_REVISION_0_9_5 : VIRTIO_SPEC_REVISION_1_0_0;
    this.subSystemDeviceId = deviceType;
    this.bs = bs;
    this.registers = registers;
    this.legacy = legacy;
    this.ringFeatures = legacy ? LEGACY_RING_FEATURES : RESETTABLE_RING_FEATURES;
    this.quirks = quirks;
    this.noQueueAccess = quirks.noQueueAccess;
  }

  getDeviceFeatures(): bigint {
    const low = BigInt(this.readFeatures(0));
    return this.legacy ? low : (BigInt(this.readFeatures(1)) << 32n) | low;
  }

  setGuestFeatures(features: bigint): void {
    if (this.legacy) {
      this.writeFeatures(0, legacyFeatures(features));
      return;
    }
    this.writeFeatures(0, Number(BigInt.asUintN(32, features)));
    this.writeFeatures(1, Number(BigInt.asUintN(32, features >> 32n)));
  }

  setQueueAddress(ring: VRing, ringBaseShift: number): void {
    const shift = this.quirks.queueAddressTruncated ? 0 : ringBaseShift;
    this.requireUnused();
    if (this.legacy) {
      this.registers.write32(VIRTIO_MMIO_LEGACY.queuePfn, this.pageNumber(ring.base + shift));
      return;
    }
    this.publish({
      descriptor: ring.desc + shift,
      driver: ring.avail + shift,
      device: ring.used + shift,
    });
  }

  setQueueAreas(areas: VirtqueueAreas): void {
    this.requireUnused();
    if (this.legacy) {
      const page = legacyRingPage(areas, this.sizeToPublish());
      this.registers.write32(VIRTIO_MMIO_LEGACY.queuePfn, page);
    } else {
      this.publish(areas);
    }
  }

  setQueueSel(index: number): void {
    this.registers.write32(VIRTIO_MMIO.queueSel, index);
    if (!this.quirks.queueSizeOfLegacyOnly) this.queueSize = 0;
    else if (this.legacy) this.queueSize = this.getQueueNumMax();
  }

  setQueueNotify(index: number): void {
    this.registers.write32(VIRTIO_MMIO.queueNotify, index);
  }

  setQueueNotifyData(index: number, next: number): void {
    if (this.legacy) throw modernOnly('notification data');
    this.registers.write32(VIRTIO_MMIO.queueNotify, notificationData(index, next));
  }

  resetQueue(index: number): void {
    if (this.legacy) throw modernOnly('reset of a single queue');
    this.setQueueSel(index);
    this.registers.write32(VIRTIO_MMIO.queueReset, 1);
    const ongoing = (): boolean =>
      this.registers.read32(VIRTIO_MMIO.queueReset) !== 0 ||
      this.registers.read32(VIRTIO_MMIO.queueReady) !== 0;
    waitForQueueReset(index, ongoing, this.bs);
  }

  getConfigGeneration(): number {
    if (this.legacy) throw modernOnly('generation of the configuration');
    return this.registers.read32(VIRTIO_MMIO.configGeneration);
  }

  setQueueAlign(alignment: number): void {
    // a modern device is told where each part of the ring is
    if (this.legacy) this.registers.write32(VIRTIO_MMIO_LEGACY.queueAlign, alignment);
  }

  setPageSize(pageSize: number): void {
    require4096('the page size', pageSize);
    if (this.legacy) this.registers.write32(VIRTIO_MMIO_LEGACY.guestPageSize, pageSize);
  }

  getQueueNumMax(): number {
    return this.registers.read32(VIRTIO_MMIO.queueSizeMax) & 0xffff;
  }

  setQueueNum(queueSize: number): void {
    if (!this.quirks.queueSetUpUnchecked) {
      const largest = this.getQueueNumMax();
      if (queueSize > largest) throw badQueueSize(queueSize, largest);
    }
    if (this.legacy) this.registers.write32(VIRTIO_MMIO.queueSize, queueSize);
    else this.queueSize = queueSize;
  }

  getDeviceStatus(): number {
    return this.registers.read32(VIRTIO_MMIO.status) & 0xff;
  }

  setDeviceStatus(status: number): void {
    this.registers.write32(VIRTIO_MMIO.status, status);
    if (status === 0 && !this.quirks.resetUnchecked) waitForReset(this, this.bs);
  }

  writeDevice(fieldOffset: number, fieldSize: VirtioFieldSize, value: number): void {
    requireFieldSize(fieldSize);
    if (!this.quirks.configByByte) this.registers.writeConfig(fieldOffset, fieldSize, value);
    else this.registers.writeConfigBytes(fieldOffset, fieldSize, value);
  }

  readDevice(fieldOffset: number, fieldSize: VirtioFieldSize): number {
    requireFieldSize(fieldSize);
    if (!this.quirks.configByByte) return this.registers.readConfig(fieldOffset, fieldSize);
    return Number(this.registers.readConfigBytes(fieldOffset, fieldSize));
  }

  readDevice64(fieldOffset: number): bigint {
    const read = (): bigint => this.readField64(fieldOffset);
    if (this.quirks.tornConfigReads) return read();
    if (this.legacy) return readUntilStable(read);
    return readBetweenGenerations(read, () => this.getConfigGeneration());
  }

  /** @param word 0 for features 0 to 31, 1 for 32 to 63 */
  private readFeatures(word: 0 | 1): number {
    this.select(VIRTIO_MMIO.deviceFeaturesSel, word);
    return this.registers.read32(VIRTIO_MMIO.deviceFeatures);
  }

  private writeFeatures(word: 0 | 1, features: number): void {
    this.select(VIRTIO_MMIO.driverFeaturesSel, word);
    this.registers.write32(VIRTIO_MMIO.driverFeatures, features);
  }

  private select(selector: number, word: 0 | 1): void {
    if (this.legacy && this.quirks.selectorsUnwritten) return;
    this.registers.write32(selector, word);
  }

  /** virtio §4.2.3.2, step 2; §4.2.4: a queue that is in use must not be set up again. */
  private requireUnused(): void {
    if (this.quirks.queueSetUpUnchecked) return;
    const inUse = this.legacy ? VIRTIO_MMIO_LEGACY.queuePfn : VIRTIO_MMIO.queueReady;
    if (this.registers.read32(inUse) === 0) return;
    throw new EfiError('EFI_DEVICE_ERROR', 'the device says that the queue is in use already');
  }

  /** Of a ring, as a legacy device is told it. */
  private pageNumber(address: number): number {
    if (!this.quirks.queueAddressTruncated) return queuePageNumber(address);
    return Math.floor(address / VIRTIO_PAGE_SIZE) >>> 0;
  }

  /** A driver that is content with the largest size sets none. */
  private sizeToPublish(): number {
    if (this.queueSize !== 0 || this.quirks.queueSizeOfLegacyOnly) return this.queueSize;
    return this.getQueueNumMax();
  }

  /** Tells a modern device where the parts of a queue are, and that it is ready. */
  private publish({ descriptor, driver, device }: VirtqueueAreas): void {
    this.registers.write32(VIRTIO_MMIO.queueSize, this.sizeToPublish());
    this.writeAddress(VIRTIO_MMIO.queueDescLow, VIRTIO_MMIO.queueDescHigh, descriptor);
    this.writeAddress(VIRTIO_MMIO.queueDriverLow, VIRTIO_MMIO.queueDriverHigh, driver);
    this.writeAddress(VIRTIO_MMIO.queueDeviceLow, VIRTIO_MMIO.queueDeviceHigh, device);
    this.registers.write32(VIRTIO_MMIO.queueReady, 1);
  }

  private writeAddress(low: number, high: number, address: number): void {
    this.registers.writePair(low, high, address);
  }

  private readField64(fieldOffset: number): bigint {
    if (this.quirks.configByByte) return this.registers.readConfigBytes(fieldOffset, 8);
    const low = this.registers.readConfig(fieldOffset, 4);
    return (BigInt(this.registers.readConfig(fieldOffset + 4, 4)) << 32n) | BigInt(low);
  }
}

function requireFieldSize(fieldSize: VirtioFieldSize): void {
  if (fieldSize !== 1 && fieldSize !== 2 && fieldSize !== 4) throw badFieldSize(fieldSize);
}
