import { describe, expect, test } from 'vitest';
import type { EfiBlockIo } from '@dxelab/uefi';
import { EFI_BLOCK_IO_PROTOCOL_REVISION3, cdromNode, efiStatusOf } from '@dxelab/uefi';
import { ArrayDiskIo } from './disk.fixture.ts';
import { PartitionBlockIo } from './partition-block-io.ts';

function statusOf(body: () => void): string {
  try {
    body();
    return 'EFI_SUCCESS';
  } catch (caught) {
    return efiStatusOf(caught);
  }
}

/** A partition of four blocks, from byte 1024 of its disk. */
function partition(blockSize = 512) {
  const bytes = Uint8Array.from({ length: 8192 }, (_, index) => index >> 9);
  const diskIo = new ArrayDiskIo(bytes);
  const calls: string[] = [];
  const parent: EfiBlockIo = {
    revision: EFI_BLOCK_IO_PROTOCOL_REVISION3,
    media: {
      mediaId: 5,
      removableMedia: true,
      mediaPresent: true,
      logicalPartition: false,
      readOnly: true,
      writeCaching: true,
      blockSize: 512,
      ioAlign: 16,
      lastBlock: 15,
      lowestAlignedLba: 1,
      logicalBlocksPerPhysicalBlock: 8,
      optimalTransferLengthGranularity: 9,
    },
    reset: (extended) => calls.push(`reset ${extended}`),
    flushBlocks: () => calls.push('flush'),
    readBlocks: () => calls.push('read'),
    writeBlocks: () => calls.push('write'),
  };
  const info = { revision: 1, type: 'PARTITION_TYPE_OTHER', system: false, entry: bytes } as const;
  const blockIo = new PartitionBlockIo(parent, diskIo, {
    node: cdromNode(0, 2, 4),
    info,
    start: 1024,
    size: 2048,
    blockSize,
    type: undefined,
  });
  return { blockIo, bytes, calls, diskIo };
}

describe('BlockIo of a partition (UEFI §13.9)', () => {
  test("§13.9.1: the medium is the disk's, but what only a physical disk has is 0", () => {
    const { blockIo } = partition();
    expect(blockIo.revision).toBe(EFI_BLOCK_IO_PROTOCOL_REVISION3);
    expect(blockIo.media).toEqual({
      mediaId: 5,
      removableMedia: true,
      mediaPresent: true,
      logicalPartition: true,
      readOnly: true,
      writeCaching: true,
      blockSize: 512,
      ioAlign: 0,
      lastBlock: 3,
      lowestAlignedLba: 0,
      logicalBlocksPerPhysicalBlock: 0,
      optimalTransferLengthGranularity: 0,
    });
  });

  test('a block of the partition is the same block of the disk, further on', () => {
    const { blockIo, bytes } = partition();
    const buffer = new Uint8Array(1024);
    blockIo.readBlocks(5, 2, buffer);
    expect([buffer[0], buffer[512]]).toEqual([4, 5]);
    blockIo.writeBlocks(5, 0, buffer.fill(0xee));
    expect([bytes[1023], bytes[1024], bytes[2047], bytes[2048]]).toEqual([1, 0xee, 0xee, 4]);
  });

  test('its blocks may be of another size', () => {
    const { blockIo } = partition(1024);
    expect(blockIo.media).toMatchObject({ blockSize: 1024, lastBlock: 1 });
    const buffer = new Uint8Array(1024);
    blockIo.readBlocks(5, 1, buffer);
    expect(buffer[0]).toBe(4);
  });

  test.each([
    ['no whole blocks', 0, 100, 'EFI_BAD_BUFFER_SIZE'],
    ['one block too many', 2, 1536, 'EFI_INVALID_PARAMETER'],
    ['behind the end', 4, 512, 'EFI_INVALID_PARAMETER'],
    ['before the beginning', -1, 512, 'EFI_INVALID_PARAMETER'],
    ['between two blocks', 0.5, 512, 'EFI_INVALID_PARAMETER'],
    ['over 2^53', 2 ** 53, 512, 'EFI_INVALID_PARAMETER'],
    ['2^64-1', 2 ** 64 - 1, 512, 'EFI_INVALID_PARAMETER'],
    ['no number', Number.NaN, 512, 'EFI_INVALID_PARAMETER'],
    ['nothing, at the end', 4, 0, 'EFI_SUCCESS'],
  ])('%s', (_what, lba, length, status) => {
    const { blockIo, diskIo } = partition();
    expect(statusOf(() => blockIo.readBlocks(5, lba, new Uint8Array(length)))).toBe(status);
    expect(statusOf(() => blockIo.writeBlocks(5, lba, new Uint8Array(length)))).toBe(status);
    expect(diskIo.writes.filter((offset) => offset < 1024 || offset >= 3073)).toEqual([]);
  });

  test.each(['EFI_MEDIA_CHANGED', 'EFI_NO_MEDIA'] as const)('%s comes before those', (status) => {
    const { blockIo, diskIo } = partition();
    diskIo.failing.set(0, status);
    expect(statusOf(() => blockIo.readBlocks(5, 9, new Uint8Array(512)))).toBe(status);
    expect(statusOf(() => blockIo.writeBlocks(5, 0, new Uint8Array(5)))).toBe(status);
  });

  test('any other failure of the probe does not', () => {
    const { blockIo, diskIo } = partition();
    diskIo.failing.set(0, 'EFI_DEVICE_ERROR');
    const read = () => blockIo.readBlocks(5, 9, new Uint8Array(512));
    expect(statusOf(read)).toBe('EFI_INVALID_PARAMETER');
  });

  test('reset and flush are the business of the disk', () => {
    const { blockIo, calls } = partition();
    blockIo.reset(true);
    blockIo.flushBlocks();
    expect(calls).toEqual(['reset true', 'flush']);
  });
});
