import type { EfiBootServices } from '@dxelab/uefi';
import { EdkiiIoMmuProtocol, EVT_NOTIFY_SIGNAL, TPL_CALLBACK } from '@dxelab/uefi';
import { tryLocateProtocol } from '@dxelab/uefi-lib';
import type { IoMmuSlot } from './protected-dma.ts';

/** What it takes to hear of a protocol. */
type NotifyServices = Pick<
  EfiBootServices,
  'closeEvent' | 'createEvent' | 'locateProtocol' | 'registerProtocolNotify' | 'signalEvent'
>;

/**
 * A slot that EDKII_IOMMU_PROTOCOL is put into: now if it is there, else when it comes
 * (PciHostBridge.c: IoMmuProtocolCallback).
 */
export function watchForIoMmu(bs: NotifyServices): IoMmuSlot {
  const slot: IoMmuSlot = { ioMmu: undefined };
  const event = bs.createEvent(
    EVT_NOTIFY_SIGNAL,
    TPL_CALLBACK,
    () => {
      slot.ioMmu = tryLocateProtocol(bs, EdkiiIoMmuProtocol);
      if (slot.ioMmu !== undefined) bs.closeEvent(event);
    },
    undefined,
  );
  bs.registerProtocolNotify(EdkiiIoMmuProtocol, event);
  bs.signalEvent(event);
  return slot;
}
