import type { EfiEvent } from '@dxelab/uefi';
import { EVT_NOTIFY_SIGNAL, EVT_NOTIFY_WAIT, EVT_TIMER, TPL_CALLBACK } from '@dxelab/uefi';
import type { ServicesWorld } from '../services-world.fixture.ts';
import type { StatusCase, UnprovokedStatus } from '../status-case.fixture.ts';
import { casesOf } from '../status-case.fixture.ts';

const nothing = (): void => {};

function notified({ bs }: ServicesWorld): EfiEvent {
  return bs.createEvent(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, nothing, null);
}

function closed({ bs }: ServicesWorld): EfiEvent {
  const event = bs.createEvent(EVT_TIMER);
  bs.closeEvent(event);
  return event;
}

/** Event, timer and task priority services (UEFI §7.1). */
export const EVENT_CASES: readonly StatusCase[] = [
  ...casesOf('CreateEvent', [
    {
      status: 'EFI_SUCCESS',
      how: 'a timer',
      provoke: ({ bs }) => bs.createEvent(EVT_TIMER),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'EVT_NOTIFY_SIGNAL and EVT_NOTIFY_WAIT at once',
      provoke: ({ bs }) =>
        bs.createEvent(EVT_NOTIFY_SIGNAL | EVT_NOTIFY_WAIT, TPL_CALLBACK, nothing, null),
    },
  ]),
  ...casesOf('CreateEventEx', [
    {
      status: 'EFI_SUCCESS',
      how: 'a timer, in no group',
      provoke: ({ bs }) => bs.createEventEx(EVT_TIMER, 0, undefined, null),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'EVT_NOTIFY_SIGNAL at a TPL that is none',
      provoke: ({ bs }) => bs.createEventEx(EVT_NOTIFY_SIGNAL, 3, nothing, null),
    },
  ]),
  ...casesOf('CloseEvent', [
    {
      status: 'EFI_SUCCESS',
      how: 'an event that is open',
      provoke: ({ bs }) => bs.closeEvent(bs.createEvent(EVT_TIMER)),
    },
  ]),
  ...casesOf('SignalEvent', [
    {
      status: 'EFI_SUCCESS',
      how: 'an event that is open',
      provoke: (world) => world.bs.signalEvent(notified(world)),
    },
  ]),
  ...casesOf('WaitForEvent', [
    {
      status: 'EFI_SUCCESS',
      how: 'the second of two is signalled',
      provoke: ({ bs }) => {
        const events = [bs.createEvent(EVT_TIMER), bs.createEvent(EVT_TIMER)] as const;
        bs.signalEvent(events[1]);
        return bs.waitForEvent(events);
      },
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'an event of type EVT_NOTIFY_SIGNAL',
      provoke: (world) => world.bs.waitForEvent([notified(world)]),
    },
    {
      status: 'EFI_UNSUPPORTED',
      how: 'at TPL_CALLBACK',
      provoke: ({ bs }) => {
        bs.raiseTpl(TPL_CALLBACK);
        return bs.waitForEvent([bs.createEvent(EVT_TIMER)]);
      },
    },
  ]),
  ...casesOf('CheckEvent', [
    {
      status: 'EFI_SUCCESS',
      how: 'a signalled event',
      provoke: ({ bs }) => {
        const event = bs.createEvent(EVT_TIMER);
        bs.signalEvent(event);
        return bs.checkEvent(event) ? 'EFI_SUCCESS' : 'EFI_NOT_READY';
      },
    },
    {
      status: 'EFI_NOT_READY',
      how: 'an event that is not signalled',
      provoke: ({ bs }) =>
        bs.checkEvent(bs.createEvent(EVT_TIMER)) ? 'EFI_SUCCESS' : 'EFI_NOT_READY',
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'an event of type EVT_NOTIFY_SIGNAL',
      provoke: (world) => world.bs.checkEvent(notified(world)),
    },
  ]),
  ...casesOf('SetTimer', [
    {
      status: 'EFI_SUCCESS',
      how: 'a timer event, in a second',
      provoke: ({ bs }) => bs.setTimer(bs.createEvent(EVT_TIMER), 'TimerRelative', 10_000_000),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'an event that is closed',
      provoke: (world) => world.bs.setTimer(closed(world), 'TimerRelative', 1),
    },
  ]),
  ...casesOf('Stall', [
    { status: 'EFI_SUCCESS', how: 'a microsecond', provoke: ({ bs }) => bs.stall(1) },
  ]),
];

export const EVENT_UNPROVOKED: readonly UnprovokedStatus[] = ['CreateEvent', 'CreateEventEx'].map(
  (service) => ({ service, status: 'EFI_OUT_OF_RESOURCES', why: 'records' }),
);
