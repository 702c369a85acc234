import { diskIoDxe } from '@dxelab/disk-io-dxe';
import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import type { EfiBlockIo, HostBuffer } from '@dxelab/uefi';
import {
  BdsArchProtocol,
  BlockIoProtocol,
  DiskIoProtocol,
  EFI_BLOCK_IO_PROTOCOL_REVISION,
  isGuestBuffer,
} from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';

// A firmware with DiskIoDxe. Drivers of the UEFI driver model wait for BDS, which we play.
const { platform } = createEmulatedMachine({ memory: 64 * 2 ** 20 });
const quirks = new Quirks('specification');
const core = createDxeCore(platform, { modules: [diskIoDxe], quirks });
const bs = core.systemTable.bootServices;
bs.installProtocolInterface(undefined, BdsArchProtocol, { entry: () => {} });
core.dispatch();

// A block device of our own: four blocks of 512 bytes, each full of its number.
const disk = Uint8Array.from({ length: 2048 }, (_, offset) => offset >> 9);
const media = {
  mediaId: 0,
  removableMedia: false,
  mediaPresent: true,
  logicalPartition: false,
  readOnly: true,
  writeCaching: false,
  blockSize: 512,
  ioAlign: 0,
  lastBlock: 3,
  lowestAlignedLba: 0,
  logicalBlocksPerPhysicalBlock: 0,
  optimalTransferLengthGranularity: 0,
};
const blockIo: EfiBlockIo = {
  revision: EFI_BLOCK_IO_PROTOCOL_REVISION,
  media,
  reset: () => {},
  readBlocks(_mediaId: number, lba: number, buffer: HostBuffer): void {
    const blocks = disk.subarray(lba * 512, lba * 512 + buffer.length);
    if (isGuestBuffer(buffer)) platform.ram.writeBytes(buffer.address, blocks);
    else buffer.set(blocks);
  },
  writeBlocks: () => {},
  flushBlocks: () => {},
};
const handle = bs.installProtocolInterface(undefined, BlockIoProtocol, blockIo);

// DiskIoDxe binds to it, and reads where no block begins.
bs.connectController(handle);
export const bytes: Uint8Array = new Uint8Array(4);
bs.handleProtocol(handle, DiskIoProtocol).readDisk(media.mediaId, 510, bytes); // 0, 0, 1, 1
