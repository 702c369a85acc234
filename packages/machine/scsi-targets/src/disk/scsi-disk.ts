import {
  SCSI_MODE_DPOFUA,
  SCSI_MODE_WRITE_PROTECT,
  SCSI_PROVISIONING_FULL,
  SCSI_PROVISIONING_THIN,
  SCSI_VPD_BLOCK_DEVICE_CHARACTERISTICS,
  SCSI_VPD_BLOCK_LIMITS,
  SCSI_VPD_LOGICAL_BLOCK_PROVISIONING,
  blockDeviceCharacteristicsData,
  blockLimitsData,
  logicalBlockProvisioningData,
  longBlockDescriptor,
  shortBlockDescriptor,
} from '@dxelab/scsi';
import { MAX_UNMAP_BLOCK_DESCRIPTOR_COUNT, MAX_UNMAP_SIZE } from '../commands/unmap.ts';
import { MAX_WRITE_SAME_LENGTH } from '../commands/write-same.ts';
import { BlockUnit } from '../unit/block-unit.ts';
import { identificationPage } from '../unit/identification-pages.ts';
import { ModePages } from '../unit/mode-pages.ts';
import { diskCommands } from './disk-commands.ts';
import { diskModePages } from './disk-mode-pages.ts';
import type { ScsiDiskOptions, ScsiDiskSettings } from './scsi-disk-options.ts';
import { scsiDiskSettings } from './scsi-disk-options.ts';

const BLOCK_PAGES = [
  SCSI_VPD_BLOCK_LIMITS,
  SCSI_VPD_BLOCK_DEVICE_CHARACTERISTICS,
  SCSI_VPD_LOGICAL_BLOCK_PROVISIONING,
];
/** In bytes: a page of the hosts on which images are. */
const UNMAP_GRANULARITY = 4096;
const NO_DESCRIPTOR = new Uint8Array(0);

/** A disk over a backend (SBC-4). */
export class ScsiDisk extends BlockUnit {
  private readonly settings: ScsiDiskSettings;

  /** @throws MachineSetupError for options that no disk can have */
  constructor(options: ScsiDiskOptions) {
    const settings = scsiDiskSettings(options);
    super({
      ...settings,
      modePages: new ModePages(diskModePages(settings.writeCache)),
      commands: diskCommands(settings.canUnmap),
    });
    this.settings = settings;
  }

  /** Somebody but the initiator switches the write cache on or off. */
  setWriteCache(on: boolean): void {
    this.changeModeFromOutside((pages) => {
      pages.writeCache = on;
    });
  }

  modeDeviceSpecific(): number {
    const isProtected = this.readOnly || this.modePages.softwareWriteProtect;
    return SCSI_MODE_DPOFUA | (isProtected ? SCSI_MODE_WRITE_PROTECT : 0);
  }

  modeBlockDescriptor(long: boolean): Uint8Array {
    const { blocks, blockSize } = this;
    if (blocks === 0) return NO_DESCRIPTOR;
    return (long ? longBlockDescriptor : shortBlockDescriptor)({ blocks, blockSize });
  }

  vitalProductData(pageCode: number): Uint8Array | undefined {
    switch (pageCode) {
      case SCSI_VPD_BLOCK_LIMITS:
        return this.blockLimits();
      case SCSI_VPD_BLOCK_DEVICE_CHARACTERISTICS:
        return blockDeviceCharacteristicsData(this.settings);
      case SCSI_VPD_LOGICAL_BLOCK_PROVISIONING:
        return this.provisioning();
      default:
        return identificationPage(this.identity, pageCode, BLOCK_PAGES);
    }
  }

  private blockLimits(): Uint8Array {
    const { canUnmap, blockSize } = this;
    const physical = 2 ** this.physicalBlockExponent;
    const unmapped = Math.max(physical, UNMAP_GRANULARITY / blockSize);
    return blockLimitsData({
      writeSameNonZero: true,
      optimalTransferLengthGranularity: physical > 1 ? physical : 0,
      maximumTransferLength: this.maxTransferLength,
      optimalTransferLength: 0,
      maximumUnmapLbaCount: canUnmap ? MAX_UNMAP_SIZE / blockSize : 0,
      maximumUnmapBlockDescriptorCount: canUnmap ? MAX_UNMAP_BLOCK_DESCRIPTOR_COUNT : 0,
      optimalUnmapGranularity: canUnmap ? unmapped : 0,
      maximumWriteSameLength: MAX_WRITE_SAME_LENGTH,
    });
  }

  private provisioning(): Uint8Array {
    const { canUnmap } = this;
    return logicalBlockProvisioningData({
      unmap: canUnmap,
      writeSame16: canUnmap,
      writeSame10: canUnmap,
      readZeros: false,
      provisioningType: canUnmap ? SCSI_PROVISIONING_THIN : SCSI_PROVISIONING_FULL,
    });
  }
}
