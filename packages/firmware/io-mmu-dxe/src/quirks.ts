import type { Quirks } from '@dxelab/uefi-lib';

/** What of the `edk2` profile concerns this driver, asked once. */
export interface IoMmuQuirks {
  readonly bounceNotFilled: boolean;
  readonly freedWhileMapped: boolean;
  readonly overlapsMapped: boolean;
  readonly reservedPool: boolean;
}

export function ioMmuQuirks(quirks: Quirks): IoMmuQuirks {
  return {
    bounceNotFilled: quirks.has('IoMmuDxe.BounceNotFilled'),
    freedWhileMapped: quirks.has('IoMmuDxe.FreedWhileMapped'),
    overlapsMapped: quirks.has('IoMmuDxe.OverlapsMapped'),
    reservedPool: quirks.has('IoMmuDxe.ReservedPool'),
  };
}
