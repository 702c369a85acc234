import type { Quirks } from '@dxelab/uefi-lib';

/** Where this driver can behave as the specification asks, hardened, or as EDK II's does: one flag per quirk. */
export interface RtcPolicy {
  readonly absenceUnnoticed: boolean;
  readonly badZoneResetsTime: boolean;
  readonly centuryIgnored: boolean;
  readonly disablingForgetsDate: boolean;
  readonly formerFormatIgnored: boolean;
  readonly levelAsserted: boolean;
  readonly tornReads: boolean;
  readonly wakeupZoneIgnored: boolean;
}

/** Asks for each quirk once, when the driver is loaded. */
export function rtcPolicy(quirks: Quirks): RtcPolicy {
  return {
    absenceUnnoticed: quirks.has('PcRtc.AbsenceUnnoticed'),
    badZoneResetsTime: quirks.has('PcRtc.BadZoneResetsTime'),
    centuryIgnored: quirks.has('PcRtc.CenturyIgnored'),
    disablingForgetsDate: quirks.has('PcRtc.DisablingForgetsDate'),
    formerFormatIgnored: quirks.has('PcRtc.FormerFormatIgnored'),
    levelAsserted: quirks.has('PcRtc.LevelAsserted'),
    tornReads: quirks.has('PcRtc.TornReads'),
    wakeupZoneIgnored: quirks.has('PcRtc.WakeupZoneIgnored'),
  };
}
