import type { DevicePath } from '../device-path/device-path.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** EFI_SECURITY2_ARCH_PROTOCOL (PI Vol. 2 §12): whom the platform trusts. */
export interface EfiSecurity2Arch {
  /**
   * Whether a file may be used or, without `fileBuffer`, whether drivers may be connected to a device.
   * @param file where it comes from; absent for an image that was handed over in memory
   * @throws EFI_ACCESS_DENIED if it must not be used, EFI_SECURITY_VIOLATION if not before the user is
   *   authenticated
   */
  fileAuthentication(
    file: DevicePath | undefined,
    fileBuffer: Uint8Array | undefined,
    bootPolicy: boolean,
  ): void;
}

/** By which EFI_SECURITY2_ARCH_PROTOCOL (PI Vol. 2 §12) is found. */
export const Security2ArchProtocol: Protocol<EfiSecurity2Arch> = defineProtocol(
  'Security2Arch',
  '94ab2f58-1438-4ef1-9152-18941a3a0e68',
);

/** EFI_SECURITY_ARCH_PROTOCOL (PI Vol. 2 §12), which is asked where there is no Security2. */
export interface EfiSecurityArch {
  /**
   * @param authenticationStatus what a firmware volume found out; 0 for anything else
   * @throws EFI_ACCESS_DENIED, EFI_SECURITY_VIOLATION
   */
  fileAuthenticationState(authenticationStatus: number, file: DevicePath): void;
}

/** By which EFI_SECURITY_ARCH_PROTOCOL (PI Vol. 2 §12) is found. */
export const SecurityArchProtocol: Protocol<EfiSecurityArch> = defineProtocol(
  'SecurityArch',
  'a46423e3-4617-49f1-b9ff-d1bfa9115839',
);
