import type { Quirks } from '@dxelab/uefi-lib';

/** What of the `edk2` profile concerns this module, asked once. */
export interface VirtioFdtQuirks {
  readonly overlapsUnseen: boolean;
  readonly regIsBaseAndSize: boolean;
}

export function virtioFdtQuirks(quirks: Quirks): VirtioFdtQuirks {
  return {
    overlapsUnseen: quirks.has('VirtioFdtDxe.OverlapsUnseen'),
    regIsBaseAndSize: quirks.has('VirtioFdtDxe.RegIsBaseAndSize'),
  };
}
