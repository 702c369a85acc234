import type { Reading } from '@dxelab/uefi';
import { broken, sound } from '@dxelab/uefi';
import { FDT_HEADER, FDT_HEADER_SIZE, FDT_MAGIC, FDT_VERSION } from './format.ts';

/** Where something stands in a flattened device tree, in bytes from its beginning. */
export interface FdtBlock {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** The header of a flattened device tree, checked (Devicetree Specification §5.2). */
export interface FdtHeader {
  /** In bytes, of the whole tree. */
  readonly totalSize: number;
  readonly bootCpu: number;
  readonly structure: FdtBlock;
  readonly strings: FdtBlock;
  /** Its end is not recorded: the last entry says that it is the last. */
  readonly reservations: FdtBlock;
}

/** The oldest version in which properties are as they are today. */
const FIRST_VERSION = 16;
/** Up to version 16 the size of the structure block is not recorded. */
const FIRST_VERSION_WITH_STRUCTURE_SIZE = 17;

/**
 * Reads the header of a flattened device tree, and checks that all blocks lie where they can: in what
 * EDK II's FdtCheckHeader looks at, and beyond it.
 * @param bytes the tree, and whatever stands behind it; at least the 40 bytes of the header
 */
export function readFdtHeader(bytes: Uint8Array): Reading<FdtHeader> {
  if (bytes.length < FDT_HEADER_SIZE) {
    return broken(`expected a header of ${FDT_HEADER_SIZE} bytes, found ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const magic = view.getUint32(FDT_HEADER.magic);
  if (magic !== FDT_MAGIC) {
    return broken(`expected the magic number 0x${FDT_MAGIC.toString(16)}, found ${hex(magic)}`);
  }
  const version = view.getUint32(FDT_HEADER.version);
  const oldest = view.getUint32(FDT_HEADER.lastCompVersion);
  if (version < FIRST_VERSION || oldest > FDT_VERSION || oldest > version) {
    return broken(
      `expected version 16 or 17, found ${version}, which readers of ${oldest} understand`,
    );
  }
  const totalSize = view.getUint32(FDT_HEADER.totalSize);
  if (totalSize < FDT_HEADER_SIZE) return broken(`a tree of ${totalSize} bytes has no header`);

  const block = (offset: number, size: number | undefined): FdtBlock => {
    const start = view.getUint32(offset);
    return { start, end: size === undefined ? totalSize : start + view.getUint32(size) };
  };
  const sized = version >= FIRST_VERSION_WITH_STRUCTURE_SIZE;
  const header: FdtHeader = {
    totalSize,
    bootCpu: view.getUint32(FDT_HEADER.bootCpuidPhys),
    structure: block(FDT_HEADER.offDtStruct, sized ? FDT_HEADER.sizeDtStruct : undefined),
    strings: block(FDT_HEADER.offDtStrings, FDT_HEADER.sizeDtStrings),
    reservations: block(FDT_HEADER.offMemRsvmap, undefined),
  };
  const problem =
    blockProblem('structure', header.structure, 4, totalSize) ??
    blockProblem('strings', header.strings, 1, totalSize) ??
    blockProblem('memory reservation', header.reservations, 8, totalSize);
  return problem === undefined ? sound(header) : broken(problem);
}

/** What is wrong with the place of a block; `undefined` if nothing is (§5.6 for the alignment). */
function blockProblem(
  name: string,
  { start, end }: FdtBlock,
  alignment: number,
  totalSize: number,
): string | undefined {
  if (start % alignment !== 0) {
    return `the ${name} block begins at ${hex(start)}, which is no multiple of ${alignment}`;
  }
  if (start >= FDT_HEADER_SIZE && start <= end && end <= totalSize) return undefined;
  return `the ${name} block lies at ${hex(start)} to ${hex(end)} in a tree of ${hex(totalSize)} bytes`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
