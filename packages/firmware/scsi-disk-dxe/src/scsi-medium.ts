import { SCSI_TYPE_CDROM, SCSI_TYPE_DISK, SCSI_TYPE_WELL_KNOWN_UNIT } from '@dxelab/scsi';
import type { EfiBlockIoMedia } from '@dxelab/uefi';
import { EfiError, isEfiFailure } from '@dxelab/uefi';
import type { Capacity } from './capacity.ts';
import { readCapacity } from './capacity.ts';
import { inquireUnit } from './inquiry.ts';
import { fuaModeAsEdk2, isWriteProtectedAsEdk2, readModes } from './modes.ts';
import type { ScsiUnit } from './scsi-unit.ts';
import type { ReadyServices } from './unit-ready.ts';
import { waitUntilReady } from './unit-ready.ts';

/** What 10-byte and 16-byte commands can count (SBC-4 §5.16, §5.18). */
const MOST_BLOCKS_10 = 0xffff;
const MOST_BLOCKS_16 = 0xffff_ffff;

/** How often the medium may be exchanged while it is looked at. */
const ROUNDS = 3;

/** The medium of a unit: what is in it, and what one command can move. */
export class ScsiMedium {
  readonly media: EfiBlockIoMedia;
  /** INQUIRY data. */
  readonly inquiry: Uint8Array;
  /** Whether READ (16) is needed. */
  isLarge = false;
  /** Of one command. */
  mostBlocks: number = MOST_BLOCKS_10;
  /** Whether writes are to set FUA: EDK II's way to need no flush. */
  forceUnitAccess: boolean;
  private readonly unit: ScsiUnit;
  private readonly bs: ReadyServices;
  private readonly isDisk: boolean;
  /** A unit without blocks, which is always there. */
  private readonly isWellKnown: boolean;
  /** In blocks. */
  private readonly maximumTransferLength: number;
  /** A unit attention has said that the medium is another one. */
  private isReplaced = false;

  /** Looks at the medium for the first time. @throws EFI_DEVICE_ERROR, EFI_UNSUPPORTED */
  constructor(unit: ScsiUnit, deviceType: number, bs: ReadyServices) {
    const { quirks, scsiIo } = unit;
    this.unit = unit;
    this.bs = bs;
    this.isDisk = deviceType === SCSI_TYPE_DISK;
    this.isWellKnown = deviceType === SCSI_TYPE_WELL_KNOWN_UNIT;
    this.forceUnitAccess = quirks.fuaInsteadOfFlush;
    const isProtected =
      this.isDisk && quirks.writeProtectionAskedOnce && isWriteProtectedAsEdk2(unit);
    const inquiry = inquireUnit(unit, deviceType);
    this.inquiry = inquiry.data;
    this.maximumTransferLength = quirks.transferLimitsIgnored ? 0 : inquiry.maximumTransferLength;
    this.media = {
      mediaId: 0,
      removableMedia: inquiry.removable,
      mediaPresent: false,
      logicalPartition: false,
      readOnly: deviceType === SCSI_TYPE_CDROM || isProtected,
      writeCaching: false,
      blockSize: usualBlockSize(deviceType),
      ioAlign: scsiIo.ioAlign,
      lastBlock: 0,
      lowestAlignedLba: 0,
      logicalBlocksPerPhysicalBlock: 0,
      optimalTransferLengthGranularity: inquiry.optimalTransferLengthGranularity,
    };
    this.detect(this.isDisk);
  }

  /**
   * Looks whether the medium is still the same.
   * @param mustRead whether its capacity is to be asked for in any case
   * @returns whether it is another one, or there is one where none was, or none where one was
   * @throws EFI_DEVICE_ERROR, EFI_UNSUPPORTED; `media` may have changed all the same
   */
  detect(mustRead: boolean): boolean {
    const before = { ...this.media };
    const action = waitUntilReady(this.unit, this.bs);
    if (action === 'changed') this.replace();
    if (action === 'no-media') this.remove();
    const { capacityBelieved } = this.unit.quirks;
    if (this.isWellKnown) {
      this.media.mediaPresent = true;
      return this.renumber(before);
    }
    const isNew = action === 'changed' || (action === 'none' && !this.media.mediaPresent);
    if (isNew || (mustRead && (action === 'none' || capacityBelieved))) this.tryMedium(before);
    if (this.isDisk && this.unit.quirks.fuaInsteadOfFlush) {
      this.forceUnitAccess = fuaModeAsEdk2(this.unit) ?? this.forceUnitAccess;
    }
    const isAnother = this.renumber(before);
    this.isReplaced = false;
    return isAnother;
  }

  /** It has gone. */
  remove(): void {
    this.media.mediaPresent = false;
    this.media.lastBlock = 0;
  }

  /** A unit attention said that it is another one. */
  replace(): void {
    this.isReplaced = true;
    if (this.unit.quirks.mediaIdRestarts) this.media.mediaId += 1;
  }

  /** What EDK II does of the two in the midst of a transfer, so that the next look finds no change. */
  noticeAsEdk2(action: 'no-media' | 'changed'): void {
    if (action === 'no-media') this.remove();
    else this.media.mediaId += 1;
  }

  /** A medium that cannot be used is none; EDK II goes on with what it knew of the one before. */
  private tryMedium(before: Readonly<EfiBlockIoMedia>): void {
    try {
      this.readMedium();
    } catch (caught) {
      if (isEfiFailure(caught) && !this.unit.quirks.capacityBelieved) {
        this.remove();
        this.renumber(before);
        this.isReplaced = false;
      }
      throw caught;
    }
  }

  private readMedium(): void {
    for (let rounds = 0; rounds < ROUNDS; rounds++) {
      const hindrance = this.readOnce();
      if (hindrance === undefined) return;
      if (hindrance === 'no-media') {
        this.remove();
        return;
      }
      this.replace();
    }
    throw new EfiError('EFI_DEVICE_ERROR', 'the medium changes all the time');
  }

  /** @returns what hindered, or undefined if all is known */
  private readOnce(): 'no-media' | 'changed' | undefined {
    const capacity = readCapacity(this.unit, this.isDisk);
    if (typeof capacity === 'string') return capacity;
    if (this.isDisk && !this.unit.quirks.writeProtectionAskedOnce) {
      const modes = readModes(this.unit);
      if (typeof modes === 'string') return modes;
      this.media.readOnly = modes.writeProtected;
      this.media.writeCaching = modes.writeCaching && !this.unit.quirks.fuaInsteadOfFlush;
    }
    this.take(capacity);
    return undefined;
  }

  private take(capacity: Capacity): void {
    const { media } = this;
    media.mediaPresent = true;
    media.blockSize = capacity.blockSize;
    media.lastBlock = capacity.lastBlock;
    media.lowestAlignedLba = capacity.lowestAlignedLba;
    media.logicalBlocksPerPhysicalBlock = capacity.logicalBlocksPerPhysicalBlock;
    this.isLarge = capacity.isLarge;
    const most = capacity.isLarge ? MOST_BLOCKS_16 : MOST_BLOCKS_10;
    this.mostBlocks = Math.min(this.maximumTransferLength || most, most);
  }

  /** Another medium gets another id. */
  private renumber(before: Readonly<EfiBlockIoMedia>): boolean {
    const { media } = this;
    const differences = [
      media.readOnly !== before.readOnly,
      media.blockSize !== before.blockSize,
      media.lastBlock !== before.lastBlock,
    ].filter(Boolean).length;
    const isOtherwisePresent = media.mediaPresent !== before.mediaPresent;
    const isAnother = this.isReplaced || differences > 0 || isOtherwisePresent;
    if (!this.unit.quirks.mediaIdRestarts) {
      if (isAnother) media.mediaId = (before.mediaId + 1) >>> 0;
    } else if (isOtherwisePresent) {
      media.mediaId = media.mediaPresent ? 1 : 0;
    } else {
      media.mediaId += differences;
    }
    return isAnother;
  }
}

function usualBlockSize(deviceType: number): number {
  if (deviceType === SCSI_TYPE_CDROM) return 2048;
  return deviceType === SCSI_TYPE_DISK ? 512 : 0;
}
