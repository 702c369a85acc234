import type { Quirks } from '@dxelab/uefi-lib';

/** Where this module is to behave as what ships; see the table in uefi-lib. */
export interface ScsiBusQuirks {
  readonly inquiryStatusIgnored: boolean;
  readonly missingChildForgiven: boolean;
  readonly probesEveryLun: boolean;
  readonly signalsIgnoredEvent: boolean;
}

export function scsiBusQuirks(quirks: Quirks): ScsiBusQuirks {
  return {
    inquiryStatusIgnored: quirks.has('ScsiBusDxe.InquiryStatusIgnored'),
    missingChildForgiven: quirks.has('ScsiBusDxe.MissingChildForgiven'),
    probesEveryLun: quirks.has('ScsiBusDxe.ProbesEveryLun'),
    signalsIgnoredEvent: quirks.has('ScsiBusDxe.SignalsIgnoredEvent'),
  };
}
