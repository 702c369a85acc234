import type { EfiBootServices, EfiPciIo } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { VirtioFieldSize, VirtqueueAreas, VRing } from '@dxelab/virtio';
import { VIRTIO_PCI_COMMON_CFG, VIRTIO_SPEC_REVISION_1_0_0 } from '@dxelab/virtio';
import type { TransportDevice } from '@dxelab/virtio-transport-lib';
import {
  badFieldSize,
  badQueueSize,
  MODERN_RING_FEATURES,
  notificationData,
  readBetweenGenerations,
  require4096,
  RESETTABLE_RING_FEATURES,
  SharedMemory,
  waitForQueueReset,
  waitForReset,
} from '@dxelab/virtio-transport-lib';
import type { VirtioCapabilities } from './capabilities.ts';
import type { Virtio10Quirks } from './quirks.ts';
import type { CapabilityBlock } from './registers.ts';

/** Bytes of the common configuration with and without queue_reset, which came with virtio 1.2. */
const WITH_QUEUE_RESET = VIRTIO_PCI_COMMON_CFG.queueReset + 2;

/** VIRTIO_DEVICE_PROTOCOL over the modern PCI transport (virtio §4.1; OvmfPkg/Virtio10Dxe). */
export class Virtio10Device extends SharedMemory implements TransportDevice {
  readonly revision: number = VIRTIO_SPEC_REVISION_1_0_0;
  readonly subSystemDeviceId: number;
  readonly ringFeatures: bigint;
  readonly noQueueAccess: boolean;
  private readonly bs: EfiBootServices;
  private readonly capabilities: VirtioCapabilities;
  private readonly quirks: Virtio10Quirks;
  /** Where the notification of each queue goes, in the notify block; filled as queues are set up. */
  private readonly notifyOffsets: number[] = [];
  private selected = 0;

  constructor(
    bs: EfiBootServices,
    pciIo: EfiPciIo,
    subSystemDeviceId: number,
    capabilities: VirtioCapabilities,
    quirks: Virtio10Quirks,
  ) {
    super(pciIo);
    this.bs = bs;
    this.subSystemDeviceId = subSystemDeviceId;
    this.capabilities = capabilities;
    this.quirks = quirks;
    this.noQueueAccess = quirks.noQueueAccess;
    const resettable = (capabilities.common?.length ?? 0) >= WITH_QUEUE_RESET;
    this.ringFeatures = resettable ? RESETTABLE_RING_FEATURES : MODERN_RING_FEATURES;
  }

  getDeviceFeatures(): bigint {
    const common = this.common();
    common.write32(VIRTIO_PCI_COMMON_CFG.deviceFeatureSelect, 0);
    const low = common.read32(VIRTIO_PCI_COMMON_CFG.deviceFeature);
    common.write32(VIRTIO_PCI_COMMON_CFG.deviceFeatureSelect, 1);
    const high = common.read32(VIRTIO_PCI_COMMON_CFG.deviceFeature);
    return (BigInt(high) << 32n) | BigInt(low);
  }

  setGuestFeatures(features: bigint): void {
    const common = this.common();
    common.write32(VIRTIO_PCI_COMMON_CFG.driverFeatureSelect, 0);
    common.write32(VIRTIO_PCI_COMMON_CFG.driverFeature, Number(BigInt.asUintN(32, features)));
    common.write32(VIRTIO_PCI_COMMON_CFG.driverFeatureSelect, 1);
    common.write32(
      VIRTIO_PCI_COMMON_CFG.driverFeature,
      Number(BigInt.asUintN(32, features >> 32n)),
    );
  }

  setQueueAddress(ring: VRing, ringBaseShift: number): void {
    this.setQueueAreas({
      descriptor: ring.desc + ringBaseShift,
      driver: ring.avail + ringBaseShift,
      device: ring.used + ringBaseShift,
    });
  }

  setQueueAreas({ descriptor, driver, device }: VirtqueueAreas): void {
    const common = this.common();
    common.write64(VIRTIO_PCI_COMMON_CFG.queueDesc, descriptor);
    common.write64(VIRTIO_PCI_COMMON_CFG.queueDriver, driver);
    common.write64(VIRTIO_PCI_COMMON_CFG.queueDevice, device);
    if (!this.quirks.notifyReselects) {
      this.notifyOffsets[this.selected] = this.readNotifyOffset(common);
    }
    common.write16(VIRTIO_PCI_COMMON_CFG.queueEnable, 1);
  }

  setQueueSel(index: number): void {
    this.common().write16(VIRTIO_PCI_COMMON_CFG.queueSelect, index);
    this.selected = index;
  }

  setQueueNotify(index: number): void {
    const offset = this.notifyOffsets[index] ?? this.selectNotifyOffset(index);
    this.block(this.capabilities.notify, 'notify').write16(offset, index);
  }

  setQueueNotifyData(index: number, next: number): void {
    const offset = this.notifyOffsets[index] ?? this.selectNotifyOffset(index);
    this.block(this.capabilities.notify, 'notify').write32(offset, notificationData(index, next));
  }

  resetQueue(index: number): void {
    if (this.ringFeatures !== RESETTABLE_RING_FEATURES) {
      throw new EfiError('EFI_UNSUPPORTED', 'the common configuration has no queue_reset');
    }
    const common = this.common();
    this.setQueueSel(index);
    common.write16(VIRTIO_PCI_COMMON_CFG.queueReset, 1);
    const ongoing = (): boolean =>
      common.read16(VIRTIO_PCI_COMMON_CFG.queueReset) !== 0 ||
      common.read16(VIRTIO_PCI_COMMON_CFG.queueEnable) !== 0;
    waitForQueueReset(index, ongoing, this.bs);
  }

  getConfigGeneration(): number {
    return this.common().read8(VIRTIO_PCI_COMMON_CFG.configGeneration);
  }

  setQueueAlign(alignment: number): void {
    require4096('the alignment of a queue', alignment);
  }

  setPageSize(pageSize: number): void {
    require4096('the page size', pageSize);
  }

  getQueueNumMax(): number {
    return this.common().read16(VIRTIO_PCI_COMMON_CFG.queueSize);
  }

  setQueueNum(queueSize: number): void {
    const common = this.common();
    const current = common.read16(VIRTIO_PCI_COMMON_CFG.queueSize);
    if (current === queueSize) return;
    if (!this.quirks.queueSizeReadOnly) {
      common.write16(VIRTIO_PCI_COMMON_CFG.queueSize, queueSize);
      if (common.read16(VIRTIO_PCI_COMMON_CFG.queueSize) === queueSize) return;
    }
    throw badQueueSize(queueSize, current);
  }

  getDeviceStatus(): number {
    return this.common().read8(VIRTIO_PCI_COMMON_CFG.deviceStatus);
  }

  setDeviceStatus(status: number): void {
    this.common().write8(VIRTIO_PCI_COMMON_CFG.deviceStatus, status);
    if (status !== 0) return;
    // a reset device has queue 0 selected, and no queue is set up
    this.selected = 0;
    this.notifyOffsets.length = 0;
    if (!this.quirks.resetUnchecked) waitForReset(this, this.bs);
  }

  writeDevice(fieldOffset: number, fieldSize: VirtioFieldSize, value: number): void {
    const device = this.block(this.capabilities.device, 'device');
    if (fieldSize === 1) device.write8(fieldOffset, value);
    else if (fieldSize === 2) device.write16(fieldOffset, value);
    else if (fieldSize === 4) device.write32(fieldOffset, value);
    else throw badFieldSize(fieldSize);
  }

  readDevice(fieldOffset: number, fieldSize: VirtioFieldSize): number {
    const device = this.block(this.capabilities.device, 'device');
    if (fieldSize === 1) return device.read8(fieldOffset);
    if (fieldSize === 2) return device.read16(fieldOffset);
    if (fieldSize === 4) return device.read32(fieldOffset);
    throw badFieldSize(fieldSize);
  }

  readDevice64(fieldOffset: number): bigint {
    const device = this.block(this.capabilities.device, 'device');
    const read = (): bigint => device.read64(fieldOffset);
    if (this.quirks.tornConfigReads) return read();
    return readBetweenGenerations(read, () => this.getConfigGeneration());
  }

  /** Reads the offset of a queue that is not selected, and leaves the selection as it was. */
  private selectNotifyOffset(index: number): number {
    const common = this.common();
    const selected = common.read16(VIRTIO_PCI_COMMON_CFG.queueSelect);
    common.write16(VIRTIO_PCI_COMMON_CFG.queueSelect, index);
    const offset = this.readNotifyOffset(common);
    common.write16(VIRTIO_PCI_COMMON_CFG.queueSelect, selected);
    return offset;
  }

  private readNotifyOffset(common: CapabilityBlock): number {
    const notifyOff = common.read16(VIRTIO_PCI_COMMON_CFG.queueNotifyOff);
    return Math.imul(notifyOff, this.capabilities.notifyOffMultiplier) >>> 0;
  }

  private common(): CapabilityBlock {
    return this.block(this.capabilities.common, 'common');
  }

  private block(block: CapabilityBlock | undefined, name: string): CapabilityBlock {
    if (block !== undefined) return block;
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `the device has no ${name} configuration structure`,
    );
  }
}
