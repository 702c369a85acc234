import type { EfiEvent, EfiStatus } from '@dxelab/uefi';
import {
  EVT_NOTIFY_SIGNAL,
  EVT_NOTIFY_WAIT,
  EVT_TIMER,
  TPL_APPLICATION,
  TPL_CALLBACK,
  TPL_NOTIFY,
  guid,
  isEfiFailure,
} from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ModuleDebug } from '../misc/module-debug.ts';
import { TestPlatform } from '../test-platform.fixture.ts';
import type { ModelEventKind } from './event-services.model.fixture.ts';
import { ModelEvents } from './event-services.model.fixture.ts';
import { EventServices } from './event-services.ts';

const GROUPS = [
  guid('12345678-1234-1234-1234-000000000000'),
  guid('12345678-1234-1234-1234-000000000001'),
];
const STEPS = 1000;
const RUNS = 110;
/** Few, so that they meet: the newest ones are those that steps are about. */
const RECENT = 8;

const kind = fc.record({
  notifies: fc.constantFrom('signals', 'signals', 'waits', 'no'),
  timer: fc.boolean(),
  tpl: fc.constantFrom(TPL_CALLBACK, TPL_NOTIFY),
  group: fc.constantFrom(-1, -1, 0, 1),
  /** Of the events before it: no two signal each other for ever. */
  chain: fc.integer({ min: -4, max: 4 }),
});
const step = fc.record({
  operation: fc.constantFrom(
    ...(['create', 'signal', 'signal', 'signal', 'check', 'check', 'close'] as const),
    ...(['raise', 'restore', 'set', 'cancel', 'pass'] as const),
  ),
  kind,
  recent: fc.nat({ max: RECENT - 1 }),
  tpl: fc.constantFrom(TPL_APPLICATION, TPL_CALLBACK, TPL_NOTIFY),
  /** In units of 100 ns. */
  time: fc.integer({ min: 1, max: 50 }),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** The real services, spoken to in the model's numbers. */
class Subject {
  readonly log: string[] = [];
  readonly platform = new TestPlatform();
  readonly #events: EventServices;
  readonly #made: EfiEvent[] = [];

  constructor() {
    const debug = new ModuleDebug(this.platform, 'DxeCore', undefined);
    this.#events = new EventServices(this.platform, debug, new Quirks('specification'));
  }

  get level(): number {
    return this.#events.currentTpl;
  }

  create({ signals, waits, timer, tpl, group, chain }: ModelEventKind): void {
    const number = this.#made.length;
    const type =
      (timer ? EVT_TIMER : 0) + (signals ? EVT_NOTIFY_SIGNAL : 0) + (waits ? EVT_NOTIFY_WAIT : 0);
    const notify = (): void => {
      this.log.push(`${number}@${this.#events.currentTpl}`);
      if (chain >= 0) this.signal(chain);
    };
    const notifies = signals || waits;
    this.#made.push(
      this.#events.createEvent(
        type,
        notifies ? tpl : 0,
        notifies ? notify : undefined,
        null,
        GROUPS[group],
      ),
    );
  }

  raise(tpl: number): void {
    this.#events.raiseTpl(tpl);
  }

  restore(tpl: number): void {
    this.#events.restoreTpl(tpl);
  }

  signal(number: number): string {
    return this.#status(number, (event) => this.#events.signalEvent(event));
  }

  check(number: number): string {
    return this.#status(number, (event) =>
      this.#events.checkEvent(event) ? undefined : 'EFI_NOT_READY',
    );
  }

  close(number: number): string {
    return this.#status(number, (event) => this.#events.closeEvent(event));
  }

  setTimer(number: number, time: number | undefined): string {
    return this.#status(number, (event) => {
      if (time === undefined) this.#events.setTimer(event, 'TimerCancel');
      else this.#events.setTimer(event, 'TimerRelative', time / 100);
    });
  }

  pass(nanoseconds: number): void {
    this.platform.clock.delay(nanoseconds);
  }

  #status(number: number, body: (event: EfiEvent) => EfiStatus | void): string {
    const event = this.#made[number];
    if (event === undefined) return 'EFI_INVALID_PARAMETER';
    try {
      return body(event) ?? 'EFI_SUCCESS';
    } catch (caught) {
      if (isEfiFailure(caught)) return caught.status;
      throw caught;
    }
  }
}

/** Takes a step with the one or the other; says what came of it. */
function take(to: Subject | ModelEvents, one: Step, created: number): string | undefined {
  const number = created - 1 - one.recent;
  const nanoseconds = one.time * 100;
  switch (one.operation) {
    case 'create': {
      const { notifies, timer, tpl, group, chain } = one.kind;
      // a member of a group that signals would be signalled by what it signals, for ever
      const earlier = chain < 0 || group >= 0 ? -1 : created - 1 - chain;
      const waits = notifies === 'waits';
      to.create({
        signals: notifies === 'signals',
        waits,
        timer,
        tpl,
        group,
        chain: earlier,
      });
      return undefined;
    }
    case 'signal':
      return to.signal(number);
    case 'check':
      return to.check(number);
    case 'close':
      return to.close(number);
    case 'raise':
      to.raise(Math.max(one.tpl, to.level));
      return undefined;
    case 'restore':
      to.restore(Math.min(one.tpl, to.level));
      return undefined;
    case 'set':
      return to.setTimer(number, nanoseconds);
    case 'cancel':
      return to.setTimer(number, undefined);
    case 'pass':
    default:
      to.pass(nanoseconds);
      return undefined;
  }
}

/** What the two say differently first; an expectation at each step would cost more than the step. */
function firstDifference(steps: readonly Step[]): string {
  const subject = new Subject();
  const model = new ModelEvents();
  let created = 0;
  for (const one of steps) {
    const came = `${take(subject, one, created)} ${subject.level} ${subject.log.join(' ')}`;
    const expected = `${take(model, one, created)} ${model.level} ${model.log.join(' ')}`;
    if (came !== expected) return `${came}, and not ${expected}`;
    if (one.operation === 'create') created++;
    subject.log.length = 0;
    model.log.length = 0;
  }
  return '';
}

test(`events against a model of lists (UEFI §7.1): ${RUNS} runs of ${STEPS} steps`, () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: STEPS, maxLength: STEPS }), (steps) => {
      expect(firstDifference(steps)).toBe('');
    }),
    { numRuns: RUNS },
  );
}, 60_000);
