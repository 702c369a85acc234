import type { EfiStatus } from '../status/efi-status.ts';

/** EFI_RESET_TYPE (UEFI §8.5.1). */
export type EfiResetType =
  | 'EfiResetCold'
  | 'EfiResetWarm'
  | 'EfiResetShutdown'
  | 'EfiResetPlatformSpecific';

/** EFI_RUNTIME_SERVICES (UEFI §4.5, §8), as far as they are modelled. */
export interface EfiRuntimeServices {
  /** Ends this machine's life; never returns. */
  resetSystem(resetType: EfiResetType, resetStatus: EfiStatus, resetData?: Uint8Array): never;
}
