import type { Quirks } from '@dxelab/uefi-lib';

/** What of the `edk2` profile concerns this transport, asked once. */
export interface VirtioMmioQuirks {
  readonly configByByte: boolean;
  readonly deviceIdFirst: boolean;
  readonly mapsIdentity: boolean;
  readonly noQueueAccess: boolean;
  readonly placeholderInstalled: boolean;
  readonly queueAddressTruncated: boolean;
  readonly queueSetUpUnchecked: boolean;
  readonly queueSizeOfLegacyOnly: boolean;
  readonly resetUnchecked: boolean;
  readonly selectorsUnwritten: boolean;
  readonly tornConfigReads: boolean;
  readonly unmapUnchecked: boolean;
}

export function virtioMmioQuirks(quirks: Quirks): VirtioMmioQuirks {
  return {
    configByByte: quirks.has('VirtioMmioDeviceLib.ConfigByByte'),
    deviceIdFirst: quirks.has('VirtioMmioDeviceLib.DeviceIdFirst'),
    mapsIdentity: quirks.has('VirtioMmioDeviceLib.MapsIdentity'),
    noQueueAccess: quirks.has('VirtioMmioDeviceLib.NoQueueAccess'),
    placeholderInstalled: quirks.has('VirtioMmioDeviceLib.PlaceholderInstalled'),
    queueAddressTruncated: quirks.has('VirtioMmioDeviceLib.QueueAddressTruncated'),
    queueSetUpUnchecked: quirks.has('VirtioMmioDeviceLib.QueueSetUpUnchecked'),
    queueSizeOfLegacyOnly: quirks.has('VirtioMmioDeviceLib.QueueSizeOfLegacyOnly'),
    resetUnchecked: quirks.has('VirtioMmioDeviceLib.ResetUnchecked'),
    selectorsUnwritten: quirks.has('VirtioMmioDeviceLib.SelectorsUnwritten'),
    tornConfigReads: quirks.has('VirtioMmioDeviceLib.TornConfigReads'),
    unmapUnchecked: quirks.has('VirtioMmioDeviceLib.UnmapUnchecked'),
  };
}
