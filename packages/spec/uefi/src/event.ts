import type { Guid } from './guid.ts';
import { guid } from './guid.ts';

declare const event: unique symbol;

/** An EFI_EVENT: opaque, compared by identity, with a number that is stable for the boot. */
export interface EfiEvent {
  readonly [event]?: never;
  readonly number: number;
}

/** EFI_EVENT_NOTIFY: called at the event's notification TPL. */
export type EfiEventNotify<Context> = (event: EfiEvent, context: Context) => void;

/** Event types (UEFI §7.1.1). */
export const EVT_TIMER = 0x80000000;
export const EVT_RUNTIME = 0x40000000;
export const EVT_NOTIFY_WAIT = 0x00000100;
export const EVT_NOTIFY_SIGNAL = 0x00000200;
export const EVT_SIGNAL_EXIT_BOOT_SERVICES = 0x00000201;
export const EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE = 0x60000202;

/** EFI_TIMER_DELAY (UEFI §7.1.7). */
export type EfiTimerDelay = 'TimerCancel' | 'TimerPeriodic' | 'TimerRelative';

/** Event groups (UEFI §7.1.2; EDK II's MdePkg.dec for those of the PI specification). */
export const EFI_EVENT_GROUP_EXIT_BOOT_SERVICES: Guid = guid(
  '27abf055-b1b8-4c26-8048-748f37baa2df',
);
export const EFI_EVENT_GROUP_BEFORE_EXIT_BOOT_SERVICES: Guid = guid(
  '8be0e274-3970-4b44-80c5-1ab9502f3bfc',
);
export const EFI_EVENT_GROUP_VIRTUAL_ADDRESS_CHANGE: Guid = guid(
  '13fa7698-c831-49c7-87ea-8f43fcc25196',
);
export const EFI_EVENT_GROUP_MEMORY_MAP_CHANGE: Guid = guid('78bee926-692f-48fd-9edb-01422ef0d7ab');
export const EFI_EVENT_GROUP_READY_TO_BOOT: Guid = guid('7ce88fb3-4bd7-4679-87a8-a8d8dee50d2b');
export const EFI_EVENT_GROUP_AFTER_READY_TO_BOOT: Guid = guid(
  '3a2a00ad-98b9-4cdf-a478-702777f1c10b',
);
/** The dispatcher has started what it could, and looks for more (PI Vol. 2 §5). */
export const EFI_EVENT_GROUP_DXE_DISPATCH: Guid = guid('7081e22f-cac6-4053-9468-675782cf88e5');
export const EFI_END_OF_DXE_EVENT_GROUP: Guid = guid('02ce967a-dd7e-4ffc-9ee7-810cf0470880');
