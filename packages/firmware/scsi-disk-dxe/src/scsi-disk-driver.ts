import { SCSI_TYPE_CDROM, SCSI_TYPE_DISK, SCSI_TYPE_WELL_KNOWN_UNIT } from '@dxelab/scsi';
import type {
  EfiBootServices,
  EfiHandle,
  EfiStatus,
  ProtocolInterface,
  EfiBlockIo,
} from '@dxelab/uefi';
import {
  BlockIoProtocol,
  DiskInfoProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  EfiError,
  ScsiIoProtocol,
  isEfiFailure,
  protocolInterface,
} from '@dxelab/uefi';
import type { DriverBindingBody } from '@dxelab/uefi-lib';
import { unwinding } from '@dxelab/uefi-lib';
import { isOnLogicalChannel } from './is-logical.ts';
import { ScsiDiskInfo } from './scsi-disk-info.ts';
import type { ScsiDiskQuirks } from './scsi-disk-quirks.ts';
import { ScsiDisk } from './scsi-disk.ts';

/** The binding: EFI_SCSI_IO_PROTOCOL below, EFI_BLOCK_IO_PROTOCOL and EFI_DISK_INFO_PROTOCOL above. */
export class ScsiDiskDriver implements DriverBindingBody {
  readonly version: number = 0xa;
  readonly #bs: EfiBootServices;
  readonly #agent: EfiHandle;
  readonly #quirks: ScsiDiskQuirks;
  /** By BlockIo. */
  readonly #installed = new Map<EfiBlockIo, readonly ProtocolInterface[]>();

  constructor(bs: EfiBootServices, agent: EfiHandle, quirks: ScsiDiskQuirks) {
    this.#bs = bs;
    this.#agent = agent;
    this.#quirks = quirks;
  }

  supported(controller: EfiHandle): EfiStatus {
    const opened = this.#bs.tryOpenProtocol(
      controller,
      ScsiIoProtocol,
      this.#agent,
      controller,
      EFI_OPEN_PROTOCOL_BY_DRIVER,
    );
    if (opened.status !== 'EFI_SUCCESS' || opened.interface === undefined) return opened.status;
    try {
      return this.#isDisk(opened.interface.getDeviceType()) ? 'EFI_SUCCESS' : 'EFI_UNSUPPORTED';
    } finally {
      this.#close(controller);
    }
  }

  start(controller: EfiHandle): void {
    unwinding((unwind) => {
      const scsiIo = this.#bs.openProtocol(
        controller,
        ScsiIoProtocol,
        this.#agent,
        controller,
        EFI_OPEN_PROTOCOL_BY_DRIVER,
      );
      unwind.push(() => this.#close(controller));
      const disk = new ScsiDisk(scsiIo, controller, this.#bs, this.#quirks);
      if (!isOnLogicalChannel(this.#bs, controller)) {
        if (!this.#quirks.physicalChannelStarts) {
          throw new EfiError('EFI_UNSUPPORTED', 'the channel has physical disks only');
        }
        unwind.run();
        return;
      }
      const interfaces = [
        protocolInterface(BlockIoProtocol, disk),
        protocolInterface(DiskInfoProtocol, new ScsiDiskInfo(disk.inquiry)),
      ];
      this.#bs.installMultipleProtocolInterfaces(controller, ...interfaces);
      this.#installed.set(disk, interfaces);
    });
  }

  stop(controller: EfiHandle): void {
    const blockIo = this.#bs.openProtocol(
      controller,
      BlockIoProtocol,
      this.#agent,
      controller,
      EFI_OPEN_PROTOCOL_GET_PROTOCOL,
    );
    const interfaces = this.#installed.get(blockIo);
    if (interfaces === undefined) {
      throw new EfiError('EFI_DEVICE_ERROR', 'the BlockIo of the controller is not of this driver');
    }
    flush(blockIo);
    this.#bs.uninstallMultipleProtocolInterfaces(controller, ...interfaces);
    this.#installed.delete(blockIo);
    this.#close(controller);
  }

  #isDisk(deviceType: number): boolean {
    if (deviceType === SCSI_TYPE_DISK || deviceType === SCSI_TYPE_CDROM) return true;
    return deviceType === SCSI_TYPE_WELL_KNOWN_UNIT && this.#quirks.wellKnownUnitsStarted;
  }

  #close(controller: EfiHandle): void {
    this.#bs.closeProtocol(controller, ScsiIoProtocol, this.#agent, controller);
  }
}

/** What cannot be flushed any more, because the medium is gone, must not keep the disk. */
function flush(blockIo: EfiBlockIo): void {
  try {
    blockIo.flushBlocks();
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
  }
}
