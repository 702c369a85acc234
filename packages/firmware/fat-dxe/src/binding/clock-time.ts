import type { EfiRuntimeServices, EfiTime } from '@dxelab/uefi';
import { isEfiFailure } from '@dxelab/uefi';
import { FAT_EPOCH } from '../layout/fat-time.ts';

/** What the clock shows; without one, the first moment that FAT knows. FatPkg/EnhancedFatDxe/Misc.c: FatGetCurrentFatTime. */
export function clockTime(rt: EfiRuntimeServices): EfiTime {
  try {
    return rt.getTime().time;
  } catch (caught) {
    if (isEfiFailure(caught)) return FAT_EPOCH;
    throw caught;
  }
}
