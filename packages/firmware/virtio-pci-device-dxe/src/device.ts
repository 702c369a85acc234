import type { EfiBootServices, EfiPciIo } from '@dxelab/uefi';
import type { VirtioFieldSize, VirtqueueAreas, VRing } from '@dxelab/virtio';
import {
  VIRTIO_PAGE_SIZE,
  VIRTIO_PCI_LEGACY,
  VIRTIO_PCI_LEGACY_CONFIG,
  VIRTIO_SPEC_REVISION_0_9_5,
} from '@dxelab/virtio';
import type { DmaServices, TransportDevice } from '@dxelab/virtio-transport-lib';
import {
  badFieldSize,
  badQueueSize,
  LEGACY_RING_FEATURES,
  legacyFeatures,
  legacyRingPage,
  modernOnly,
  queuePageNumber,
  readUntilStable,
  require4096,
  SharedMemory,
  waitForReset,
} from '@dxelab/virtio-transport-lib';
import type { VirtioPciQuirks } from './quirks.ts';
import { LegacyRegisters } from './registers.ts';

/** VIRTIO_DEVICE_PROTOCOL over the legacy PCI transport (virtio §4.1.4.10; OvmfPkg/VirtioPciDeviceDxe). */
export class VirtioPciDevice extends SharedMemory implements TransportDevice {
  readonly revision: number = VIRTIO_SPEC_REVISION_0_9_5;
  readonly subSystemDeviceId: number;
  readonly ringFeatures: bigint = LEGACY_RING_FEATURES;
  readonly noQueueAccess: boolean;
  private readonly bs: Pick<EfiBootServices, 'stall'>;
  private readonly registers: LegacyRegisters;
  private readonly quirks: VirtioPciQuirks;

  /** @param dma what brings the device to memory: PciIo, or CoherentDma */
  constructor(
    bs: Pick<EfiBootServices, 'stall'>,
    pciIo: EfiPciIo,
    subSystemDeviceId: number,
    dma: DmaServices,
    quirks: VirtioPciQuirks,
  ) {
    super(dma);
    this.bs = bs;
    this.registers = new LegacyRegisters(pciIo);
    this.subSystemDeviceId = subSystemDeviceId;
    this.quirks = quirks;
    this.noQueueAccess = quirks.noQueueAccess;
  }

  getDeviceFeatures(): bigint {
    return BigInt(this.registers.read32(VIRTIO_PCI_LEGACY.deviceFeatures));
  }

  setGuestFeatures(features: bigint): void {
    this.registers.write32(VIRTIO_PCI_LEGACY.driverFeatures, legacyFeatures(features));
  }

  setQueueAddress(ring: VRing, ringBaseShift: number): void {
    const page = this.quirks.queueAddressTruncated
      ? Math.floor(ring.base / VIRTIO_PAGE_SIZE) >>> 0
      : queuePageNumber(ring.base + ringBaseShift);
    this.registers.write32(VIRTIO_PCI_LEGACY.queueAddress, page);
  }

  setQueueSel(index: number): void {
    this.registers.write16(VIRTIO_PCI_LEGACY.queueSelect, index);
  }

  setQueueNotify(index: number): void {
    this.registers.write16(VIRTIO_PCI_LEGACY.queueNotify, index);
  }

  setQueueAreas(areas: VirtqueueAreas): void {
    const page = legacyRingPage(areas, this.getQueueNumMax());
    this.registers.write32(VIRTIO_PCI_LEGACY.queueAddress, page);
  }

  setQueueNotifyData(): void {
    throw modernOnly('notification data');
  }

  resetQueue(): void {
    throw modernOnly('reset of a single queue');
  }

  getConfigGeneration(): number {
    throw modernOnly('generation of the configuration');
  }

  setQueueAlign(alignment: number): void {
    if (!this.quirks.queueSetUpUnchecked) require4096('the alignment of a queue', alignment);
  }

  setPageSize(pageSize: number): void {
    require4096('the page size', pageSize);
  }

  getQueueNumMax(): number {
    return this.registers.read16(VIRTIO_PCI_LEGACY.queueSize);
  }

  setQueueNum(queueSize: number): void {
    if (this.quirks.queueSetUpUnchecked) return;
    // virtio §4.1.5.1.3.1: there is no way to tell a legacy device another size than its own
    const size = this.getQueueNumMax();
    if (size !== queueSize) throw badQueueSize(queueSize, size);
  }

  getDeviceStatus(): number {
    return this.registers.read8(VIRTIO_PCI_LEGACY.deviceStatus);
  }

  setDeviceStatus(status: number): void {
    this.registers.write8(VIRTIO_PCI_LEGACY.deviceStatus, status);
    if (status === 0 && !this.quirks.resetUnchecked) waitForReset(this, this.bs);
  }

  writeDevice(fieldOffset: number, fieldSize: VirtioFieldSize, value: number): void {
    const at = VIRTIO_PCI_LEGACY_CONFIG + fieldOffset;
    if (fieldSize === 1) this.registers.write8(at, value);
    else if (fieldSize === 2) this.registers.write16(at, value);
    else if (fieldSize === 4) this.registers.write32(at, value);
    else throw badFieldSize(fieldSize);
  }

  readDevice(fieldOffset: number, fieldSize: VirtioFieldSize): number {
    const at = VIRTIO_PCI_LEGACY_CONFIG + fieldOffset;
    if (fieldSize === 1) return this.registers.read8(at);
    if (fieldSize === 2) return this.registers.read16(at);
    if (fieldSize === 4) return this.registers.read32(at);
    throw badFieldSize(fieldSize);
  }

  readDevice64(fieldOffset: number): bigint {
    const read = (): bigint => this.registers.read64(VIRTIO_PCI_LEGACY_CONFIG + fieldOffset);
    return this.quirks.tornConfigReads ? read() : readUntilStable(read);
  }
}
