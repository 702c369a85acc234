import type { EfiHandle, EfiStatus, ProtocolRegistration } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import type { Profile } from '@dxelab/uefi-lib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AlphaProtocol,
  BetaProtocol,
  GammaProtocol,
  HandWorld,
  statusOf,
} from './hand-world.fixture.ts';
import { ModelDatabase } from './handle-database.model.fixture.ts';

const PROTOCOLS = [AlphaProtocol, BetaProtocol, GammaProtocol];
const THINGS = [{ name: 'one' }, { name: 'two' }, null];

/** A step has all it could need; each kind uses what it wants. */
const step = fc.record({
  kind: fc.constantFrom(
    ...(['install', 'install', 'uninstall', 'reinstall', 'open', 'open', 'open'] as const),
    ...(['close', 'close', 'register', 'next'] as const),
  ),
  isNew: fc.boolean(),
  /** The number of handles is small, so that they collide; some were never there. */
  handle: fc.integer({ min: 1, max: 6 }),
  agent: fc.integer({ min: 1, max: 6 }),
  controller: fc.integer({ min: 1, max: 6 }),
  protocol: fc.integer({ min: 0, max: PROTOCOLS.length - 1 }),
  thing: fc.integer({ min: 0, max: THINGS.length - 1 }),
  newThing: fc.integer({ min: 0, max: THINGS.length - 1 }),
  attributes: fc.constantFrom(0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x30, 0, 0x03, 0x18, 0x40),
  registration: fc.integer({ min: 0, max: 3 }),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** The real database, spoken to in the model's numbers. */
class Subject {
  readonly world: HandWorld;
  readonly #handles: EfiHandle[] = [];
  readonly #strangers = new Map<number, EfiHandle>();
  readonly #registrations: ProtocolRegistration[] = [];

  constructor(profile: Profile) {
    this.world = new HandWorld(profile);
  }

  /** Takes a step, and says what came of it. */
  take(one: Step): EfiStatus | number | undefined {
    const bs = this.world.services;
    const handle = this.#handle(one.handle);
    const agent = this.#handle(one.agent);
    const controller = this.#handle(one.controller);
    const protocol = protocolAt(one.protocol);
    const thing = thingAt(one.thing);
    switch (one.kind) {
      case 'install':
        return statusOf(() => {
          const on = one.isNew ? undefined : handle;
          const made = bs.installProtocolInterface(on, protocol, thing);
          if (one.isNew) this.#handles.push(made);
        });
      case 'uninstall':
        return statusOf(() => bs.uninstallProtocolInterface(handle, protocol, thing));
      case 'reinstall':
        return statusOf(() =>
          bs.reinstallProtocolInterface(handle, protocol, thing, thingAt(one.newThing)),
        );
      case 'open':
        return bs.tryOpenProtocol(handle, protocol, agent, controller, one.attributes).status;
      case 'close':
        return statusOf(() => bs.closeProtocol(handle, protocol, agent, controller));
      case 'register': {
        const event = this.world.noting('event');
        this.#registrations.push(bs.registerProtocolNotify(protocol, event));
        return undefined;
      }
      case 'next':
      default:
        return this.#next(one.registration);
    }
  }

  /** The step with the numbers that the model knows: who is not there yet is another one later. */
  inNumbers(one: Step): Step {
    const numberOf = (number: number): number => this.#handle(number).number;
    const { handle, agent, controller } = one;
    return {
      ...one,
      handle: numberOf(handle),
      agent: numberOf(agent),
      controller: numberOf(controller),
    };
  }

  /** The handle of a number; one of another world if there was none yet. */
  #handle(number: number): EfiHandle {
    return this.#handles[number - 1] ?? this.#stranger(number + 100);
  }

  #stranger(number: number): EfiHandle {
    const known = this.#strangers.get(number) ?? { number };
    this.#strangers.set(number, known);
    return known;
  }

  #next(index: number): number | undefined {
    const searchKey = this.#registrations[index];
    if (searchKey === undefined) return undefined;
    let found: number | undefined;
    statusOf(() => {
      const search = { type: 'ByRegisterNotify', searchKey } as const;
      found = this.world.services.locateHandleBuffer(search)[0]?.number;
    });
    return found;
  }
}

/** The same step for the model. */
function takeModel(model: ModelDatabase, one: Step, profile: Profile) {
  const { handle, agent, controller, protocol, thing, newThing, attributes } = one;
  switch (one.kind) {
    case 'install':
      return model.install(one.isNew ? undefined : handle, protocol, thing);
    case 'uninstall':
      return model.uninstall(handle, protocol, thing);
    case 'reinstall':
      return model.reinstall(handle, protocol, thing, newThing);
    case 'open': {
      const compares = profile === 'edk2';
      return model.open(handle, protocol, agent, controller, attributes, compares);
    }
    case 'close':
      return model.close(handle, protocol, agent, controller);
    case 'register':
      model.register(protocol);
      return undefined;
    case 'next':
    default:
      return model.next(one.registration);
  }
}

function protocolAt(index: number) {
  return PROTOCOLS[index] ?? AlphaProtocol;
}

function thingAt(index: number) {
  return THINGS[index] ?? null;
}

/** Everything that can be seen of the real database, in the model's words. */
function visible(subject: Subject) {
  const { database } = subject.world.services;
  return database.snapshot().map((one) => ({
    handle: one.handle.number,
    protocols: one.protocols.map(({ guid, interface: thingOf, opens }) => ({
      protocol: PROTOCOLS.findIndex((known) => known.guid === guid),
      thing: THINGS.findIndex((known) => known === thingOf),
      opens: opens.map((open) => [
        open.agentHandle?.number,
        open.controllerHandle?.number,
        open.attributes,
        open.openCount,
      ]),
    })),
  }));
}

function visibleModel(model: ModelDatabase) {
  return [...model.handles].map(([number, protocols]) => ({
    handle: number,
    protocols: protocols.map((index) => {
      const one = model.on(number, index);
      return {
        protocol: index,
        thing: one?.thing,
        opens: one?.opens.map((open) => [open.agent, open.controller, open.attributes, open.count]),
      };
    }),
  }));
}

function byProtocol(subject: Subject): (readonly number[])[] {
  return PROTOCOLS.map((one) => {
    let numbers: number[] = [];
    statusOf(() => {
      const search = { type: 'ByProtocol', protocol: one } as const;
      numbers = subject.world.services.locateHandleBuffer(search).map(({ number }) => number);
    });
    return numbers;
  });
}

const STEPS = 100;
const RUNS = 1000;

/** What the two say differently first; an expectation at each step would cost more than the step. */
function firstDifference(steps: readonly Step[], profile: Profile): string {
  const subject = new Subject(profile);
  const model = new ModelDatabase();
  for (const one of steps) {
    const numbered = subject.inNumbers(one);
    const answers = [subject.take(one), takeModel(model, numbered, profile)];
    const ofProtocol = PROTOCOLS.map((_one, index) =>
      model.ofProtocol(index).map((each) => each.handle),
    );
    const came = JSON.stringify([answers[0], visible(subject), byProtocol(subject)]);
    const expected = JSON.stringify([answers[1], visibleModel(model), ofProtocol]);
    if (came !== expected) return `${came}, and not ${expected}`;
  }
  return '';
}

describe.each(PROFILES)('the handle database against a model of lists, %s', (profile) => {
  test(`${RUNS} runs of ${STEPS} steps: both have answered alike and contain the same`, () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: STEPS, maxLength: STEPS }), (steps) => {
        expect(firstDifference(steps, profile)).toBe('');
      }),
      { numRuns: RUNS },
    );
  }, 120_000);
});
