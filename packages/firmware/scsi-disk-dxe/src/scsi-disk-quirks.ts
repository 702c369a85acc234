import type { Quirks } from '@dxelab/uefi-lib';

/** Where this module is to behave as what ships; see the table in uefi-lib. */
export interface ScsiDiskQuirks {
  readonly alignmentMisread: boolean;
  readonly busyResets: boolean;
  readonly capacityBelieved: boolean;
  readonly changeDuringTransferUnreported: boolean;
  readonly fuaInsteadOfFlush: boolean;
  readonly halvesOnErrors: boolean;
  readonly mediaIdRestarts: boolean;
  readonly physicalChannelStarts: boolean;
  readonly pollsWithoutPause: boolean;
  readonly requestSenseAfterGood: boolean;
  readonly resetUnsupportedSucceeds: boolean;
  readonly shortTransfersRepeated: boolean;
  readonly transferLimitsIgnored: boolean;
  readonly unknownStatusIsSuccess: boolean;
  readonly wellKnownUnitsStarted: boolean;
  readonly writeProtectionAskedOnce: boolean;
}

export function scsiDiskQuirks(quirks: Quirks): ScsiDiskQuirks {
  return {
    alignmentMisread: quirks.has('ScsiDiskDxe.AlignmentMisread'),
    busyResets: quirks.has('ScsiDiskDxe.BusyResets'),
    capacityBelieved: quirks.has('ScsiDiskDxe.CapacityBelieved'),
    changeDuringTransferUnreported: quirks.has('ScsiDiskDxe.ChangeDuringTransferUnreported'),
    fuaInsteadOfFlush: quirks.has('ScsiDiskDxe.FuaInsteadOfFlush'),
    halvesOnErrors: quirks.has('ScsiDiskDxe.HalvesOnErrors'),
    mediaIdRestarts: quirks.has('ScsiDiskDxe.MediaIdRestarts'),
    physicalChannelStarts: quirks.has('ScsiDiskDxe.PhysicalChannelStarts'),
    pollsWithoutPause: quirks.has('ScsiDiskDxe.PollsWithoutPause'),
    requestSenseAfterGood: quirks.has('ScsiDiskDxe.RequestSenseAfterGood'),
    resetUnsupportedSucceeds: quirks.has('ScsiDiskDxe.ResetUnsupportedSucceeds'),
    shortTransfersRepeated: quirks.has('ScsiDiskDxe.ShortTransfersRepeated'),
    transferLimitsIgnored: quirks.has('ScsiDiskDxe.TransferLimitsIgnored'),
    unknownStatusIsSuccess: quirks.has('ScsiDiskDxe.UnknownStatusIsSuccess'),
    wellKnownUnitsStarted: quirks.has('ScsiDiskDxe.WellKnownUnitsStarted'),
    writeProtectionAskedOnce: quirks.has('ScsiDiskDxe.WriteProtectionAskedOnce'),
  };
}
