import type { EfiStatus } from '../status/efi-status.ts';
import type { EfiCapsuleServices } from './capsule-services.ts';
import type { EfiTimeServices } from './time-services.ts';
import type { EfiVariableServices } from './variable-services.ts';
import type { EfiVirtualMemoryServices } from './virtual-memory-services.ts';

/** EFI_RESET_TYPE (UEFI §8.5.1). */
export type EfiResetType =
  | 'EfiResetCold'
  | 'EfiResetWarm'
  | 'EfiResetShutdown'
  | 'EfiResetPlatformSpecific';

/**
 * EFI_RUNTIME_SERVICES as one image sees them (UEFI §4.5, §8). Until the module that provides a
 * service is there, it throws EFI_NOT_AVAILABLE_YET (PI Vol. 2 §6.1).
 */
export interface EfiRuntimeServices
  extends EfiTimeServices, EfiVirtualMemoryServices, EfiVariableServices, EfiCapsuleServices {
  /** The upper half of the monotonic count, raised by one (UEFI §8.5.2). @throws EFI_DEVICE_ERROR */
  getNextHighMonotonicCount(): number;

  /** Ends this machine's life; never returns (UEFI §8.5.1). */
  resetSystem(resetType: EfiResetType, resetStatus: EfiStatus, resetData?: Uint8Array): never;
}
