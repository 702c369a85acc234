import type { Quirks } from '@dxelab/uefi-lib';

/** What of the `edk2` profile concerns this driver, asked once. */
export interface VirtioPciQuirks {
  readonly barUnchecked: boolean;
  readonly mapsIdentity: boolean;
  readonly noQueueAccess: boolean;
  readonly queueAddressTruncated: boolean;
  readonly queueSetUpUnchecked: boolean;
  readonly resetUnchecked: boolean;
  readonly stopFailsWithClose: boolean;
  readonly tornConfigReads: boolean;
}

export function virtioPciQuirks(quirks: Quirks): VirtioPciQuirks {
  return {
    barUnchecked: quirks.has('VirtioPciDeviceDxe.BarUnchecked'),
    mapsIdentity: quirks.has('VirtioPciDeviceDxe.MapsIdentity'),
    noQueueAccess: quirks.has('VirtioPciDeviceDxe.NoQueueAccess'),
    queueAddressTruncated: quirks.has('VirtioPciDeviceDxe.QueueAddressTruncated'),
    queueSetUpUnchecked: quirks.has('VirtioPciDeviceDxe.QueueSetUpUnchecked'),
    resetUnchecked: quirks.has('VirtioPciDeviceDxe.ResetUnchecked'),
    stopFailsWithClose: quirks.has('VirtioPciDeviceDxe.StopFailsWithClose'),
    tornConfigReads: quirks.has('VirtioPciDeviceDxe.TornConfigReads'),
  };
}
