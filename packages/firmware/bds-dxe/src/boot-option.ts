import type { DevicePath, EfiStatus } from '@dxelab/uefi';

/** A boot option: what a Boot#### variable holds (UEFI §3.1.3), or what the platform says. */
export interface BootOption {
  readonly description: string;
  /** A full path, or a short form that begins with a hard drive or a file path node (UEFI §3.1.2). */
  readonly devicePath: DevicePath;
  /** LOAD_OPTION_*. Default: LOAD_OPTION_ACTIVE. */
  readonly attributes?: number;
  /** Goes to the image as its load options. */
  readonly optionalData?: Uint8Array;
  /** Of its variable, if it has one: BootCurrent while it is booted. */
  readonly number?: number;
}

/** What came of an option: it is told to whoever watches the boot. */
export interface BootAttempt {
  readonly description: string;
  /** As text, of the file that was tried, or of the option if no file was found for it. */
  readonly devicePath: string;
  readonly status: EfiStatus;
  /** Why it failed; empty if it was started. */
  readonly reason: string;
}
