import { createLab } from '@dxelab/testing';
import { EVT_NOTIFY_SIGNAL, EVT_TIMER, TPL_CALLBACK } from '@dxelab/uefi';
import type { Measurement } from '../figure.ts';
import { measureGrowth } from '../growth.ts';
import { timed } from '../measure.ts';

const SIGNALS = 50_000;
/** In units of 100 ns: none of these timers fires. */
const FAR = 1e12;

/** SignalEvent of an event whose notification function runs at once, among so many with timers set. */
export function measure(): Measurement {
  return measureGrowth({
    size: 100,
    of: 'events with a timer',
    mustDo: 'queue one notification and call it; no other event is looked at',
    world(events) {
      const { bs } = createLab({ firmware: [] });
      let notified = 0;
      const notify = (): void => void notified++;
      for (let other = 0; other < events; other++) {
        const event = bs.createEvent(EVT_TIMER + EVT_NOTIFY_SIGNAL, TPL_CALLBACK, notify, null);
        bs.setTimer(event, 'TimerRelative', FAR + other);
      }
      const event = bs.createEvent(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, notify, null);
      return () => {
        notified = 0;
        const duration = timed(() => {
          for (let signal = 0; signal < SIGNALS; signal++) bs.signalEvent(event);
        });
        if (notified !== SIGNALS) throw new Error(`${notified} notifications of ${SIGNALS}`);
        return { operations: SIGNALS, duration };
      };
    },
  });
}
