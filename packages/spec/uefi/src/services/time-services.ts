import type { EfiTime } from '../time.ts';

/** EFI_TIME_CAPABILITIES (UEFI §8.3.1). */
export interface EfiTimeCapabilities {
  /** In counts per second. */
  readonly resolution: number;
  /** In parts per million, times 1,000,000. */
  readonly accuracy: number;
  /** Whether setting the time clears what is below the resolution. */
  readonly setsToZero: boolean;
}

/** What GetWakeupTime delivers (UEFI §8.3.3). */
export interface EfiWakeupTime {
  readonly enabled: boolean;
  /** The alarm has rung and waits to be acknowledged. */
  readonly pending: boolean;
  readonly time: EfiTime;
}

/** Time services (UEFI §8.3). */
export interface EfiTimeServices {
  /** @throws EFI_DEVICE_ERROR, EFI_UNSUPPORTED */
  getTime(): { readonly time: EfiTime; readonly capabilities: EfiTimeCapabilities };

  /** @throws EFI_INVALID_PARAMETER for a field out of its range, EFI_DEVICE_ERROR, EFI_UNSUPPORTED */
  setTime(time: EfiTime): void;

  /** @throws EFI_DEVICE_ERROR, EFI_UNSUPPORTED */
  getWakeupTime(): EfiWakeupTime;

  /** @throws EFI_INVALID_PARAMETER for a field out of its range, EFI_DEVICE_ERROR, EFI_UNSUPPORTED */
  setWakeupTime(enable: boolean, time?: EfiTime): void;
}
