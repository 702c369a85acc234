import type { EfiHandle, Protocol } from '@dxelab/uefi';
import {
  DriverFamilyOverrideProtocol,
  EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  defineProtocol,
} from '@dxelab/uefi';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ModelDriver } from './driver-support.model.fixture.ts';
import { ModelDrivers } from './driver-support.model.fixture.ts';
import type { Thing } from './hand-world.fixture.ts';
import { HandWorld, failure, statusOf } from './hand-world.fixture.ts';

const STEPS = 40;
const RUNS = 2500;
const MOST_DRIVERS = 6;
const BY_DRIVER = EFI_OPEN_PROTOCOL_BY_DRIVER;
const BY_CHILD = EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER;

const PROTOCOLS: readonly Protocol<Thing | null>[] = [0, 1, 2].map((index) =>
  defineProtocol(`Level${index}`, `d0000000-0000-0000-0000-00000000000${index}`),
);

const driver = fc.record({
  version: fc.constantFrom(0x10, 0x10, 0x11, 0x20),
  family: fc.constantFrom(-1, -1, -1, 1, 2),
  consumes: fc.nat({ max: 2 }),
  isBus: fc.boolean(),
  startFails: fc.constantFrom(false, false, false, true),
});
const step = fc.record({
  operation: fc.constantFrom(
    ...(['driver', 'controller', 'connect', 'connect', 'connect', 'disconnect'] as const),
  ),
  driver,
  protocols: fc.subarray([0, 1, 2], { minLength: 1 }),
  handle: fc.nat({ max: 20 }),
  context: fc.array(fc.nat({ max: MOST_DRIVERS }), { maxLength: 3 }),
  recursive: fc.boolean(),
  /** Of the driver to be stopped; the last stands for all of them. */
  agent: fc.nat({ max: MOST_DRIVERS }),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function protocolAt(index: number): Protocol<Thing | null> {
  const protocol = PROTOCOLS[index];
  if (protocol === undefined) throw new RangeError(`no protocol ${index}`);
  return protocol;
}

/** The real services, with drivers that do what the model says of theirs. */
class Subject {
  readonly world = new HandWorld();
  readonly #handles = new Map<number, EfiHandle>();
  readonly #images = new Map<string, EfiHandle>();

  get log(): string[] {
    return this.world.log;
  }

  addDriver({ name, version, family, consumes, produces, startFails }: ModelDriver): void {
    const bs = this.world.services;
    const consumed = protocolAt(consumes);
    const image: EfiHandle = this.world.driver({
      name,
      version,
      supported: (controller) => {
        const by = BY_DRIVER;
        const { status } = bs.tryOpenProtocol(controller, consumed, image, controller, by);
        if (status === 'EFI_SUCCESS') bs.closeProtocol(controller, consumed, image, controller);
        return status;
      },
      start: (controller) => {
        if (startFails) throw failure('EFI_DEVICE_ERROR');
        bs.openProtocol(controller, consumed, image, controller, BY_DRIVER);
        if (produces < 0) return;
        const child = this.#remember(
          bs.installProtocolInterface(undefined, protocolAt(produces), null),
        );
        bs.openProtocol(controller, consumed, image, child, BY_CHILD);
      },
      stop: (controller, children) => {
        for (const child of children) {
          bs.closeProtocol(controller, consumed, image, child);
          bs.uninstallProtocolInterface(child, protocolAt(produces), null);
        }
        if (children.length === 0) bs.closeProtocol(controller, consumed, image, controller);
      },
    });
    this.#images.set(name, image);
    if (family < 0) return;
    const override = { getVersion: () => family };
    bs.installProtocolInterface(image, DriverFamilyOverrideProtocol, override);
  }

  addController(protocols: readonly number[]): void {
    let handle: EfiHandle | undefined;
    for (const index of protocols) {
      handle = this.world.services.installProtocolInterface(handle, protocolAt(index), null);
    }
    if (handle !== undefined) this.#remember(handle);
  }

  connect(controller: number, context: readonly string[], recursive: boolean): string {
    const images = context.map((name) => this.#image(name));
    const connect = (): void =>
      this.world.services.connectController(this.#handle(controller), images, undefined, recursive);
    return statusOf(connect);
  }

  disconnect(controller: number, only: string | undefined): string {
    const image = only === undefined ? undefined : this.#image(only);
    return statusOf(() =>
      this.world.services.disconnectController(this.#handle(controller), image),
    );
  }

  #remember(handle: EfiHandle): EfiHandle {
    this.#handles.set(handle.number, handle);
    return handle;
  }

  #handle(number: number): EfiHandle {
    return this.#handles.get(number) ?? { number };
  }

  #image(name: string): EfiHandle {
    return this.#images.get(name) ?? { number: 0 };
  }
}

/** What the two say differently first; an expectation at each step would cost more than the step. */
function firstDifference(steps: readonly Step[]): string {
  const subject = new Subject();
  const model = new ModelDrivers();
  for (const one of steps) {
    const [came, expected] = [subject, model].map((to) => take(to, one, model));
    const calls = [subject.log.splice(0).join('; '), model.log.splice(0).join('; ')];
    if (came !== expected) return `${came}, and not ${expected}, after ${calls[0]}`;
    if (calls[0] !== calls[1]) return `${calls[0]}, and not ${calls[1]}`;
  }
  return '';
}

/** Takes a step; the choices are made among what the model has before it. */
function take(to: Subject | ModelDrivers, one: Step, model: ModelDrivers): string {
  const names = one.context.map((index) => `Driver${index}`);
  const known = [...model.handles.keys()];
  const handle = known[one.handle % (known.length + 1)] ?? 9999;
  switch (one.operation) {
    case 'driver': {
      // The subject comes first: both count the drivers that the model has before the step.
      if (model.drivers.length >= MOST_DRIVERS) return 'enough';
      const { version, family, consumes, isBus, startFails } = one.driver;
      const produces = isBus && consumes < 2 ? consumes + 1 : -1;
      const name = `Driver${model.drivers.length}`;
      to.addDriver({ name, version, family, consumes, produces, startFails });
      return 'made';
    }
    case 'controller':
      to.addController(one.protocols);
      return 'made';
    case 'connect':
      return to.connect(
        handle,
        names.filter((name) => has(model, name)),
        one.recursive,
      );
    case 'disconnect':
    default: {
      const name = `Driver${one.agent}`;
      return to.disconnect(handle, has(model, name) ? name : undefined);
    }
  }
}

function has(model: ModelDrivers, name: string): boolean {
  return model.drivers.some((one) => one.name === name);
}

test(`connecting against a model without services (UEFI §7.3.12, §7.3.13): ${RUNS} runs of ${STEPS} steps`, () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: STEPS, maxLength: STEPS }), (steps) => {
      expect(firstDifference(steps)).toBe('');
    }),
    { numRuns: RUNS },
  );
}, 120_000);
