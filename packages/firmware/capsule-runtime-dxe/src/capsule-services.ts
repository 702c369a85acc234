import type {
  EfiCapsuleHeader,
  EfiCapsuleServices,
  EfiResetType,
  Guid,
  PhysicalAddress,
} from '@dxelab/uefi';
import {
  CAPSULE_FLAGS_INITIATE_RESET,
  CAPSULE_FLAGS_PERSIST_ACROSS_RESET,
  CAPSULE_FLAGS_POPULATE_SYSTEM_TABLE,
  EfiError,
  guid,
} from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { CapsuleLib } from './capsule-lib.ts';

/** EFI_FIRMWARE_MANAGEMENT_CAPSULE_ID_GUID (UEFI §23.3.2). */
const FMP_CAPSULE: Guid = guid('6dcbd5ed-e82d-4c44-bda1-7194199ad92a');
/** EFI_CAPSULE_HEADER: a GUID and three words. */
const HEADER_SIZE = 28;
/** PcdMaxSizeNonPopulateCapsule, in bytes. */
const MAXIMUM_SIZE = 0xa0_0000;

/** Capsule services (UEFI §8.5.3; MdeModulePkg/Universal/CapsuleRuntimeDxe/CapsuleService.c). */
export class CapsuleServices implements EfiCapsuleServices {
  readonly #library: CapsuleLib;
  readonly #sizesUnchecked: boolean;
  readonly #queryIgnoresRuntime: boolean;
  #atRuntime = false;

  constructor(library: CapsuleLib, quirks: Quirks) {
    this.#library = library;
    this.#sizesUnchecked = quirks.has('CapsuleRuntimeDxe.SizesUnchecked');
    this.#queryIgnoresRuntime = quirks.has('CapsuleRuntimeDxe.QueryIgnoresRuntime');
  }

  /** From now on no capsule can be processed. */
  exitBootServices(): void {
    this.#atRuntime = true;
  }

  updateCapsule(
    capsules: readonly EfiCapsuleHeader[],
    scatterGatherList: PhysicalAddress | undefined,
  ): void {
    this.#checkAll('UpdateCapsule', capsules);
    for (const capsule of capsules) {
      if (!persists(capsule)) this.#process(capsule);
    }
    if (!capsules.some(persists)) return;
    if (scatterGatherList === undefined) {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        'UpdateCapsule: expected a scatter-gather list of the capsules that persist across a reset',
      );
    }
    throw noReset('UpdateCapsule');
  }

  queryCapsuleCapabilities(capsules: readonly EfiCapsuleHeader[]): {
    readonly maximumCapsuleSize: number;
    readonly resetType: EfiResetType;
  } {
    this.#checkAll('QueryCapsuleCapabilities', capsules);
    if (capsules.some(persists)) throw noReset('QueryCapsuleCapabilities');
    if (!this.#queryIgnoresRuntime) this.#checkBootTime('QueryCapsuleCapabilities');
    return { maximumCapsuleSize: MAXIMUM_SIZE, resetType: 'EfiResetCold' };
  }

  /** One that is wrong or unknown stops all of them, before anything is done. */
  #checkAll(service: string, capsules: readonly EfiCapsuleHeader[]): void {
    if (capsules.length === 0) {
      throw new EfiError('EFI_INVALID_PARAMETER', `${service}: expected a capsule at least`);
    }
    for (const capsule of capsules) this.#check(service, capsule);
  }

  #check(service: string, capsule: EfiCapsuleHeader): void {
    const problem = badFlags(capsule) ?? (this.#sizesUnchecked ? undefined : badSizes(capsule));
    if (problem !== undefined) {
      throw new EfiError('EFI_INVALID_PARAMETER', `${service}: ${problem}`);
    }
    // what goes to the system table is any operating system's: the firmware only keeps it
    if ((capsule.flags & CAPSULE_FLAGS_POPULATE_SYSTEM_TABLE) !== 0) return;
    if (this.#library.supportCapsuleImage(capsule)) return;
    throw new EfiError('EFI_UNSUPPORTED', `${service}: no capsule ${capsule.capsuleGuid} is known`);
  }

  #process(capsule: EfiCapsuleHeader): void {
    this.#checkBootTime('UpdateCapsule');
    this.#library.processCapsuleImage(capsule);
  }

  /** Of a capsule that could be processed otherwise. */
  #checkBootTime(service: string): void {
    if (!this.#atRuntime) return;
    throw new EfiError(
      'EFI_OUT_OF_RESOURCES',
      `${service}: capsules are processed before ExitBootServices only`,
    );
  }
}

function persists({ flags }: EfiCapsuleHeader): boolean {
  return (flags & CAPSULE_FLAGS_PERSIST_ACROSS_RESET) !== 0;
}

/** Flags that do not go together (UEFI §8.5.3.1). */
function badFlags(capsule: EfiCapsuleHeader): string | undefined {
  const { flags, capsuleGuid } = capsule;
  const populates = (flags & CAPSULE_FLAGS_POPULATE_SYSTEM_TABLE) !== 0;
  const resets = (flags & CAPSULE_FLAGS_INITIATE_RESET) !== 0;
  if ((populates || resets) && !persists(capsule)) {
    const named = populates ? 'POPULATE_SYSTEM_TABLE' : 'INITIATE_RESET';
    return `${named} needs PERSIST_ACROSS_RESET, the flags are 0x${flags.toString(16)}`;
  }
  if (populates && capsuleGuid === FMP_CAPSULE) {
    return 'a capsule for firmware management cannot go to the system table';
  }
  return undefined;
}

function badSizes({ headerSize, capsuleImageSize }: EfiCapsuleHeader): string | undefined {
  if (headerSize < HEADER_SIZE) {
    return `expected a header of ${HEADER_SIZE} bytes at least, found ${headerSize}`;
  }
  if (capsuleImageSize < headerSize) {
    return `expected a capsule larger than its header of ${headerSize}, found ${capsuleImageSize}`;
  }
  return undefined;
}

/** PcdSupportUpdateCapsuleReset is FALSE: nothing here finds a capsule again after a reset. */
function noReset(service: string): EfiError {
  return new EfiError('EFI_UNSUPPORTED', `${service}: no capsule persists across a reset here`);
}
