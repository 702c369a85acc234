import type { Quirks } from '@dxelab/uefi-lib';

/** What of the `edk2` profile concerns this driver, asked once. */
export interface Virtio10Quirks {
  readonly lastCapabilityWins: boolean;
  /** Of the capability list itself: BasePciCapLib takes bad pointers at their word. */
  readonly listUnchecked: boolean;
  readonly noQueueAccess: boolean;
  readonly notifyReselects: boolean;
  readonly queueSizeReadOnly: boolean;
  readonly resetUnchecked: boolean;
  readonly strictIdentity: boolean;
  readonly tornConfigReads: boolean;
}

export function virtio10Quirks(quirks: Quirks): Virtio10Quirks {
  return {
    lastCapabilityWins: quirks.has('Virtio10Dxe.LastCapabilityWins'),
    listUnchecked: quirks.has('BasePciCapLib.ListUnchecked'),
    noQueueAccess: quirks.has('Virtio10Dxe.NoQueueAccess'),
    notifyReselects: quirks.has('Virtio10Dxe.NotifyReselects'),
    queueSizeReadOnly: quirks.has('Virtio10Dxe.QueueSizeReadOnly'),
    resetUnchecked: quirks.has('Virtio10Dxe.ResetUnchecked'),
    strictIdentity: quirks.has('Virtio10Dxe.StrictIdentity'),
    tornConfigReads: quirks.has('Virtio10Dxe.TornConfigReads'),
  };
}
