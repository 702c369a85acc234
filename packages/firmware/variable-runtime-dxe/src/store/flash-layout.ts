import { EfiError } from '@dxelab/uefi';

/** In bytes: of what a flash erases, and what the working area takes. */
export const BLOCK_SIZE = 0x1000;

/** Where things stand in the storage, in bytes (OvmfPkg/Include/Fdf/VarStore.fdf.inc). */
export interface FlashLayout {
  /** The whole storage. */
  readonly size: number;
  /** The variables with their headers, from offset 0 on; an event log that nobody writes follows. */
  readonly variablesSize: number;
  /** The journal of fault-tolerant writes, one block. */
  readonly workingOffset: number;
  /** The spare area, as large as all before it: where variables stand while their place is rewritten. */
  readonly spareOffset: number;
}

/** The sizes that OVMF's flashes of 2 and of 4 MiB have for their variables. */
export const OVMF_2M_VARIABLES_SIZE = 0x20000;
export const OVMF_4M_VARIABLES_SIZE = 0x84000;

/** The smallest one: a block of variables, one of log, one of journal, and their spare. */
const MINIMUM_SIZE = 6 * BLOCK_SIZE;

/**
 * The layout of a storage: OVMF's, by its size.
 * @throws EFI_INVALID_PARAMETER if the size is no even number of blocks, or less than six
 */
export function flashLayout(size: number): FlashLayout {
  if (size < MINIMUM_SIZE || size % (2 * BLOCK_SIZE) !== 0) {
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `a variable store has an even number of blocks of ${BLOCK_SIZE} bytes, and ${MINIMUM_SIZE} bytes at least, not ${size}`,
    );
  }
  const spareOffset = size / 2;
  return {
    size,
    variablesSize: spareOffset - 2 * BLOCK_SIZE,
    workingOffset: spareOffset - BLOCK_SIZE,
    spareOffset,
  };
}
