/** Parts of a request on a queue that may differ; the last three are those of SCSI commands. */
export const REQUEST_PARTS = [
  'descriptors',
  'data',
  'length',
  'command',
  'response',
  'residual',
] as const;

export type RequestPart = (typeof REQUEST_PARTS)[number];

/** Results of a boot that may differ. */
export const BOOT_RESULTS = ['outcome', 'console', 'attempts'] as const;

export type BootResult = (typeof BOOT_RESULTS)[number];

/** Something in which two machines may differ: exactly one of the first keys. */
export type DifferenceInput =
  | FeaturesDifferenceInput
  | RegisterDifferenceInput
  | RequestDifferenceInput
  | CallDifferenceInput
  | ChipsetDifferenceInput
  | BootDifferenceInput;

/** What every declared difference has. */
interface DeclaredInput {
  /** Why it may be: shown with the difference. */
  readonly reason: string;
}

interface DeviceDifferenceInput extends DeclaredInput {
  /** As a comparison calls it, such as `virtio-blk 02.0`; `*` stands for anything. Default: all. */
  readonly device?: string | undefined;
}

/** Feature bits that only one device offers, and that are taken only there. */
export interface FeaturesDifferenceInput extends DeviceDifferenceInput {
  readonly features: readonly number[];
}

/** What a register reads or is given, or whether it is accessed; `*` stands for anything. */
export interface RegisterDifferenceInput extends DeviceDifferenceInput {
  readonly register: string;
}

/**
 * The descriptors of a request, what is in its buffers, or the length in its used element. Of a SCSI
 * command, what is in its headers stands for itself: the command, how it ended, and the residual.
 */
export interface RequestDifferenceInput extends DeviceDifferenceInput {
  readonly request: RequestPart;
  /** Default: all. */
  readonly queue?: number | undefined;
  /** Only SCSI commands of this name, such as `INQUIRY`; `*` stands for anything. */
  readonly command?: string | undefined;
  /** Only SCSI commands to this target and LUN, such as `0:300`; `*` stands for anything. */
  readonly unit?: string | undefined;
}

/** How a call ends, such as `BlockIo.readBlocks` or `VirtioBlkDxe.start`; `*` stands for anything. */
export interface CallDifferenceInput extends DeviceDifferenceInput {
  readonly call: string;
}

/** PCI functions that are not virtio devices: those in these slots, or `any`. */
export interface ChipsetDifferenceInput extends DeclaredInput {
  readonly chipset: 'any' | readonly string[];
}

/** What the boot as a whole came to. */
export interface BootDifferenceInput extends DeclaredInput {
  readonly boot: BootResult;
}
