import type { EfiBootServices, Guid } from '@dxelab/uefi';
import { EVT_NOTIFY_SIGNAL, TPL_CALLBACK } from '@dxelab/uefi';

/**
 * EfiEventGroupSignal: tells everybody who waits for a group. With an empty function, because an event
 * without one does not signal its group on EDK II's core (MdePkg/Library/UefiLib).
 */
export function signalEventGroup(
  bs: Pick<EfiBootServices, 'closeEvent' | 'createEventEx' | 'signalEvent'>,
  group: Guid,
): void {
  const event = bs.createEventEx(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, () => {}, undefined, group);
  bs.signalEvent(event);
  bs.closeEvent(event);
}
