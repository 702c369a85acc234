import type { EfiCapsuleHeader } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';

/** What a platform does with capsules (MdeModulePkg/Include/Library/CapsuleLib.h). */
export interface CapsuleLib {
  /** Whether the platform knows this kind of capsule. */
  supportCapsuleImage(capsule: EfiCapsuleHeader): boolean;
  /** Does what the capsule asks for. @throws EFI_DEVICE_ERROR, EFI_OUT_OF_RESOURCES */
  processCapsuleImage(capsule: EfiCapsuleHeader): void;
}

/** A platform that knows no capsules, as OVMF: MdeModulePkg/Library/DxeCapsuleLibNull. */
export const capsuleLibNull: CapsuleLib = {
  supportCapsuleImage: () => false,
  processCapsuleImage({ capsuleGuid }) {
    throw new EfiError('EFI_UNSUPPORTED', `no capsule is known, ${capsuleGuid} neither`);
  },
};
