import type { PhysicalAddress } from '../address.ts';
import type { Guid } from '../guid.ts';
import type { EfiResetType } from './runtime-services.ts';

/** Flags of a capsule (UEFI §8.5.3.1); the lower 16 are the capsule's own. */
export const CAPSULE_FLAGS_PERSIST_ACROSS_RESET = 0x00010000;
export const CAPSULE_FLAGS_POPULATE_SYSTEM_TABLE = 0x00020000;
export const CAPSULE_FLAGS_INITIATE_RESET = 0x00040000;

/** EFI_CAPSULE_HEADER (UEFI §8.5.3.1). */
export interface EfiCapsuleHeader {
  readonly capsuleGuid: Guid;
  /** In bytes. */
  readonly headerSize: number;
  readonly flags: number;
  /** In bytes, with the header. */
  readonly capsuleImageSize: number;
}

/** Update capsules (UEFI §8.5.3). */
export interface EfiCapsuleServices {
  /** @throws EFI_INVALID_PARAMETER, EFI_UNSUPPORTED, EFI_DEVICE_ERROR, EFI_OUT_OF_RESOURCES */
  updateCapsule(
    capsules: readonly EfiCapsuleHeader[],
    scatterGatherList: PhysicalAddress | undefined,
  ): void;

  /** @throws EFI_INVALID_PARAMETER, EFI_UNSUPPORTED, EFI_OUT_OF_RESOURCES */
  queryCapsuleCapabilities(capsules: readonly EfiCapsuleHeader[]): {
    /** In bytes. */
    readonly maximumCapsuleSize: number;
    readonly resetType: EfiResetType;
  };
}
