import type { EfiTpl, Guid } from '@dxelab/uefi';
import {
  EFI_EVENT_GROUP_EXIT_BOOT_SERVICES,
  EFI_EVENT_GROUP_VIRTUAL_ADDRESS_CHANGE,
  EVT_NOTIFY_SIGNAL,
  EVT_NOTIFY_WAIT,
  EVT_SIGNAL_EXIT_BOOT_SERVICES,
  EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE,
  EVT_TIMER,
  EfiError,
  TPL_APPLICATION,
  TPL_CALLBACK,
  TPL_NOTIFY,
} from '@dxelab/uefi';

/** All the types that CreateEvent accepts; no other combination of bits (UEFI §7.1.1). */
const TYPES: ReadonlySet<number> = new Set([
  0,
  EVT_TIMER,
  EVT_NOTIFY_WAIT,
  EVT_NOTIFY_SIGNAL,
  EVT_TIMER + EVT_NOTIFY_WAIT,
  EVT_TIMER + EVT_NOTIFY_SIGNAL,
  EVT_SIGNAL_EXIT_BOOT_SERVICES,
  EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE,
]);

/** Whether events of a type have a notification function. */
export function hasNotify(type: number): boolean {
  return (type & (EVT_NOTIFY_WAIT | EVT_NOTIFY_SIGNAL)) !== 0;
}

/**
 * The checks of CreateEventEx in EDK II's order, and the type and group that come of it: the two types
 * of UEFI 1.10 are the two groups (MdeModulePkg/Core/Dxe/Event/Event.c, CoreCreateEventInternal).
 * @throws EFI_INVALID_PARAMETER
 */
export function eventTypeAndGroup(
  given: number,
  notifyTpl: EfiTpl,
  hasFunction: boolean,
  group: Guid | undefined,
): { readonly type: number; readonly group: Guid | undefined } {
  // EVT_TIMER is bit 31, which JavaScript's | makes a sign.
  const type = given >>> 0;
  const level = [TPL_APPLICATION, TPL_CALLBACK, TPL_NOTIFY].includes(notifyTpl);
  if (hasNotify(type) && !level) {
    throw invalid(`NotifyTpl ${notifyTpl}: it is one of TPL_CALLBACK (8) and TPL_NOTIFY (16)`);
  }
  if (!TYPES.has(type)) {
    throw invalid(`event type 0x${type.toString(16)} is none of those that UEFI §7.1.1 defines`);
  }
  const made = withGroup(type, group);
  if (hasNotify(made.type) && (!hasFunction || !level || notifyTpl === TPL_APPLICATION)) {
    throw invalid(
      `an event of type 0x${made.type.toString(16)} needs a notification function and a TPL above TPL_APPLICATION`,
    );
  }
  return made;
}

function withGroup(
  type: number,
  group: Guid | undefined,
): { type: number; group: Guid | undefined } {
  const legacy = legacyGroup(type);
  if (group === undefined) return { type, group: legacy };
  if (legacy !== undefined) {
    throw invalid(
      `event type 0x${type.toString(16)} names a group already, and ${group} is another`,
    );
  }
  if (group === EFI_EVENT_GROUP_EXIT_BOOT_SERVICES) {
    return { type: EVT_SIGNAL_EXIT_BOOT_SERVICES, group };
  }
  if (group === EFI_EVENT_GROUP_VIRTUAL_ADDRESS_CHANGE) {
    return { type: EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE, group };
  }
  return { type, group };
}

function legacyGroup(type: number): Guid | undefined {
  if (type === EVT_SIGNAL_EXIT_BOOT_SERVICES) return EFI_EVENT_GROUP_EXIT_BOOT_SERVICES;
  if (type === EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE) return EFI_EVENT_GROUP_VIRTUAL_ADDRESS_CHANGE;
  return undefined;
}

function invalid(message: string): EfiError {
  return new EfiError('EFI_INVALID_PARAMETER', message);
}
