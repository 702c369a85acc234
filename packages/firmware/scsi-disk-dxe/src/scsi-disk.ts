import type {
  EfiBlockIo,
  EfiBlockIoMedia,
  EfiBootServices,
  EfiHandle,
  EfiScsiIo,
  HostBuffer,
} from '@dxelab/uefi';
import {
  BlockIoProtocol,
  EFI_BLOCK_IO_PROTOCOL_REVISION3,
  EfiError,
  isEfiFailure,
  isGuestBuffer,
  TPL_CALLBACK,
} from '@dxelab/uefi';
import { deviceError } from '@dxelab/uefi-lib';
import type { ScsiCommand } from '@dxelab/uefi-scsi-lib';
import { scsiSynchronizeCache10Command } from '@dxelab/uefi-scsi-lib';
import type { ScsiDiskQuirks } from './scsi-disk-quirks.ts';
import { ScsiMedium } from './scsi-medium.ts';
import { ScsiTransfer } from './scsi-transfer.ts';
import type { UnitServices } from './scsi-unit.ts';
import { SCSI_DISK_TIMEOUT, SENSE_LENGTH, ScsiUnit } from './scsi-unit.ts';
import type { SenseAction } from './sense-action.ts';
import type { ReadyServices } from './unit-ready.ts';

/** The services that a disk needs. */
export type ScsiDiskServices = UnitServices &
  ReadyServices &
  Pick<EfiBootServices, 'raiseTpl' | 'restoreTpl' | 'reinstallProtocolInterface'>;

/** EFI_BLOCK_IO_PROTOCOL on a logical unit. MdeModulePkg/Bus/Scsi/ScsiDiskDxe; UEFI §13.9. */
export class ScsiDisk implements EfiBlockIo {
  readonly revision: number = EFI_BLOCK_IO_PROTOCOL_REVISION3;
  readonly media: Readonly<EfiBlockIoMedia>;
  /** INQUIRY data. */
  readonly inquiry: Uint8Array;
  private readonly bs: ScsiDiskServices;
  private readonly handle: EfiHandle;
  private readonly scsiIo: EfiScsiIo;
  private readonly quirks: ScsiDiskQuirks;
  private readonly unit: ScsiUnit;
  private readonly medium: ScsiMedium;
  private readonly transfer: ScsiTransfer;

  /**
   * Looks what there is.
   * @param handle where BlockIo is reinstalled when the medium changes
   * @throws EFI_DEVICE_ERROR, EFI_UNSUPPORTED
   */
  constructor(scsiIo: EfiScsiIo, handle: EfiHandle, bs: ScsiDiskServices, quirks: ScsiDiskQuirks) {
    this.bs = bs;
    this.handle = handle;
    this.scsiIo = scsiIo;
    this.quirks = quirks;
    this.unit = new ScsiUnit(scsiIo, bs, quirks);
    this.medium = new ScsiMedium(this.unit, scsiIo.getDeviceType(), bs);
    this.media = this.medium.media;
    this.inquiry = this.medium.inquiry;
    this.transfer = new ScsiTransfer(this.unit, this.medium);
  }

  reset(extendedVerification: boolean): void {
    const oldTpl = this.bs.raiseTpl(TPL_CALLBACK);
    try {
      this.resetDevice();
      if (extendedVerification) this.scsiIo.resetBus();
    } catch (caught) {
      throw deviceError('the unit cannot be reset', caught);
    } finally {
      this.bs.restoreTpl(oldTpl);
    }
  }

  readBlocks(mediaId: number, lba: number, buffer: HostBuffer): void {
    const oldTpl = this.bs.raiseTpl(TPL_CALLBACK);
    try {
      this.checkMedium(mediaId);
      if (buffer.length === 0) return;
      this.checkRange(lba, buffer);
      const action = this.transfer.move(false, lba, buffer);
      if (action !== 'none') this.fail(action, `reading at block ${lba}`, this.transfer.last);
    } finally {
      this.bs.restoreTpl(oldTpl);
    }
  }

  writeBlocks(mediaId: number, lba: number, buffer: HostBuffer): void {
    const oldTpl = this.bs.raiseTpl(TPL_CALLBACK);
    try {
      this.checkMedium(mediaId);
      if (this.media.readOnly) throw new EfiError('EFI_WRITE_PROTECTED', 'the medium is read-only');
      if (buffer.length === 0) return;
      this.checkRange(lba, buffer);
      const action = this.transfer.move(true, lba, buffer);
      if (action !== 'none') this.fail(action, `writing at block ${lba}`, this.transfer.last);
    } finally {
      this.bs.restoreTpl(oldTpl);
    }
  }

  flushBlocks(): void {
    if (this.quirks.fuaInsteadOfFlush) return;
    const oldTpl = this.bs.raiseTpl(TPL_CALLBACK);
    try {
      if (!this.media.mediaPresent) throw noMedia();
      if (!this.media.writeCaching) return;
      const command = scsiSynchronizeCache10Command(SCSI_DISK_TIMEOUT, SENSE_LENGTH);
      const action = this.unit.settle(command);
      if (action !== 'none') this.fail(action, 'writing the cache', command);
    } finally {
      this.bs.restoreTpl(oldTpl);
    }
  }

  private resetDevice(): void {
    try {
      this.scsiIo.resetDevice();
    } catch (caught) {
      const isUnsupported = isEfiFailure(caught) && caught.status === 'EFI_UNSUPPORTED';
      if (!isUnsupported || !this.quirks.resetUnsupportedSucceeds) throw caught;
    }
  }

  /** Whoever asks hears of a change, whatever else is wrong with the request (UEFI §13.9.3). */
  private checkMedium(mediaId: number): void {
    const { media } = this;
    const wasLost = !media.mediaPresent && !this.quirks.changeDuringTransferUnreported;
    if (media.removableMedia || wasLost) this.lookAgain(undefined);
    if (media.blockSize === 0) throw new EfiError('EFI_DEVICE_ERROR', 'blocks of 0 bytes');
    if (!media.mediaPresent) throw noMedia();
    if (mediaId !== media.mediaId) throw mediaChanged(media.mediaId);
  }

  private checkRange(lba: number, buffer: HostBuffer): void {
    const { blockSize, ioAlign, lastBlock } = this.media;
    const blocks = buffer.length / blockSize;
    if (!Number.isInteger(blocks)) {
      throw new EfiError(
        'EFI_BAD_BUFFER_SIZE',
        `${buffer.length} bytes: expected a multiple of ${blockSize}`,
      );
    }
    const isOnMedium =
      Number.isInteger(lba) && lba >= 0 && lba <= lastBlock && blocks - 1 <= lastBlock - lba;
    if (!isOnMedium) {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `${blocks} blocks from ${lba}: the last block is ${lastBlock}`,
      );
    }
    if (ioAlign > 1 && isGuestBuffer(buffer) && buffer.address % ioAlign !== 0) {
      throw new EfiError('EFI_INVALID_PARAMETER', `the buffer is not aligned to ${ioAlign} bytes`);
    }
  }

  /** @throws always: EFI_DEVICE_ERROR, EFI_WRITE_PROTECTED, EFI_MEDIA_CHANGED, EFI_NO_MEDIA */
  private fail(action: SenseAction, what: string, command: ScsiCommand): never {
    const error = this.unit.error(what, command);
    if (action === 'protected') throw new EfiError('EFI_WRITE_PROTECTED', error.message);
    if (action === 'no-media' || action === 'changed') {
      if (this.quirks.changeDuringTransferUnreported) this.medium.noticeAsEdk2(action);
      else this.lookAgain(action);
    }
    throw error;
  }

  /**
   * Looks at the medium; if it is another one, whoever uses BlockIo is stopped and started again.
   * @param noticed what a command has said of it
   * @throws EFI_MEDIA_CHANGED, EFI_NO_MEDIA; EFI_DEVICE_ERROR if the unit cannot be asked
   */
  private lookAgain(noticed: 'no-media' | 'changed' | undefined): void {
    const wasPresent = this.media.mediaPresent;
    if (noticed === 'changed') this.medium.replace();
    try {
      if (!this.medium.detect(noticed === 'changed')) return;
    } catch (caught) {
      if (wasPresent && !this.media.mediaPresent) this.reinstall();
      throw deviceError('the medium cannot be looked at', caught);
    }
    this.reinstall();
    throw this.media.mediaPresent ? mediaChanged(this.media.mediaId) : noMedia();
  }

  private reinstall(): void {
    this.bs.reinstallProtocolInterface(this.handle, BlockIoProtocol, this, this);
  }
}

function mediaChanged(mediaId: number): EfiError {
  return new EfiError('EFI_MEDIA_CHANGED', `the medium in the unit is ${mediaId}`);
}

function noMedia(): EfiError {
  return new EfiError('EFI_NO_MEDIA', 'there is no medium in the unit');
}
