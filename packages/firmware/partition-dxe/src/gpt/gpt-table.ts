import type { GptHeader, Reading } from '@dxelab/uefi';
import { broken, crc32, crcProblem, isEfiFailure, readGptHeader, sound } from '@dxelab/uefi';
import type { Disk } from '../disk.ts';
import { isMediaFailure } from '../disk.ts';

/** In bytes: 32768 entries of 128. A table that wants more is not read at all. */
const LARGEST_ENTRY_ARRAY = 4 * 1024 * 1024;

/** A header and the entries that it points to. */
export interface GptTable {
  readonly header: GptHeader;
  readonly array: Uint8Array;
}

/**
 * Reads one of the two GPTs of a disk and checks that header and entries are what their CRC-32 says
 * (UEFI §5.3.2; MdeModulePkg/Library/GptLib).
 * @param lba the block of the header, from wherever it comes
 * @throws EFI_MEDIA_CHANGED, EFI_NO_MEDIA; a block that cannot be read is a problem of the table
 */
export function readGptTable(disk: Disk, lba: bigint): Reading<GptTable> {
  if (lba < 1n || lba > BigInt(disk.lastBlock)) {
    return broken(`block ${lba} is not on the disk, whose last block is ${disk.lastBlock}`);
  }
  const block = readOrProblem(disk, lba, disk.blockSize);
  if (block.problem !== undefined) return block;
  const header = readGptHeader(block.value, Number(lba));
  if (header.problem !== undefined) return header;
  const array = readEntryArray(disk, header.value);
  if (array.problem !== undefined) return array;
  return sound({ header: header.value, array: array.value });
}

function readEntryArray(disk: Disk, header: GptHeader): Reading<Uint8Array> {
  const size = header.numberOfPartitionEntries * header.sizeOfPartitionEntry;
  if (size > LARGEST_ENTRY_ARRAY) {
    return broken(`its entries take ${size} bytes, more than ${LARGEST_ENTRY_ARRAY}`);
  }
  const first = header.partitionEntryLba;
  const last = first + BigInt(Math.ceil(size / disk.blockSize)) - 1n;
  if (first === 0n || last > BigInt(disk.lastBlock)) {
    return broken(`its entries, blocks ${first} to ${last}, are not on the disk`);
  }
  const array = readOrProblem(disk, first, size);
  if (array.problem !== undefined) return array;
  const problem = crcProblem(header.partitionEntryArrayCrc32, crc32(array.value), 'entries');
  return problem === undefined ? array : broken(problem);
}

function readOrProblem(disk: Disk, lba: bigint, length: number): Reading<Uint8Array> {
  try {
    return sound(disk.read(Number(lba) * disk.blockSize, length));
  } catch (caught) {
    if (!isEfiFailure(caught) || isMediaFailure(caught)) throw caught;
    return broken(`block ${lba} cannot be read: ${caught.message}`);
  }
}
