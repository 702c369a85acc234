import type { EfiHandle, EfiStatus } from '@dxelab/uefi';
import { EFI_GCD_ALLOCATE_TYPES, EFI_GCD_MEMORY_TYPES } from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { statusOf } from '../core/core-world.fixture.ts';
import { ModelSpace } from './gcd-space.model.fixture.ts';
import { MemorySpace } from './memory-space.ts';

/** Two pages: what crosses a border is as likely as what does not. */
const BITS = 13;
const RUNTIME = 1n << 63n;
const CAPABILITIES = [0n, 1n, 9n, 1n | RUNTIME];

const step = fc.record({
  kind: fc.constantFrom(
    ...(['add', 'add', 'allocate', 'allocate', 'allocate', 'free', 'free', 'remove'] as const),
    ...(['attributes', 'capabilities'] as const),
  ),
  type: fc.constantFrom(...EFI_GCD_MEMORY_TYPES.slice(0, 4)),
  way: fc.constantFrom(...EFI_GCD_ALLOCATE_TYPES),
  /** In steps of a sixteenth of a page, so that borders meet, and sometimes one off. */
  base: fc.integer({ min: 0, max: 33 }),
  length: fc.integer({ min: 0, max: 17 }),
  off: fc.constantFrom(0, 0, 0, 0, 0, 1),
  whole: fc.boolean(),
  alignment: fc.constantFrom(0, 0, 8, 9, 12),
  owner: fc.integer({ min: 1, max: 2 }),
  capabilities: fc.constantFrom(...CAPABILITIES),
  attributes: fc.constantFrom(0n, 1n, RUNTIME, 1n | RUNTIME),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** The space, spoken to in the model's numbers. */
class Subject {
  readonly space = new MemorySpace(BITS, new Quirks('specification'));
  readonly #handles: readonly EfiHandle[] = [0, 1, 2].map((number) => ({ number }));

  take(one: Step, base: number, length: number): EfiStatus | number {
    const { space } = this;
    let result: EfiStatus | number = 'EFI_SUCCESS';
    const status = statusOf(() => {
      switch (one.kind) {
        case 'add':
          return space.add(one.type, base, length, one.capabilities);
        case 'allocate':
          result = space.allocate({
            allocateType: one.way,
            type: one.type,
            alignment: one.alignment,
            length,
            address: base,
            imageHandle: this.#handles[one.owner],
            deviceHandle: undefined,
          });
          return undefined;
        case 'free':
          return space.free(base, length);
        case 'remove':
          return space.remove(base, length);
        case 'attributes':
          return space.setAttributes(base, length, one.attributes, () => {});
        case 'capabilities':
        default:
          return space.setCapabilities(base, length, one.capabilities);
      }
    });
    return status === 'EFI_SUCCESS' ? result : status;
  }

  borders() {
    return this.space.ranges.map(({ start, value }) => {
      const { type, capabilities, attributes, imageHandle } = value;
      return { start, type, capabilities, attributes, owner: imageHandle?.number };
    });
  }
}

function modelTakes(model: ModelSpace, one: Step, base: number, length: number) {
  switch (one.kind) {
    case 'add':
      return model.add(one.type, base, length, one.capabilities);
    case 'allocate':
      return model.allocate(one.way, one.type, one.alignment, length, base, one.owner);
    case 'free':
      return model.free(base, length);
    case 'remove':
      return model.remove(base, length);
    case 'attributes':
      return model.setAttributes(base, length, one.attributes);
    case 'capabilities':
    default:
      return model.setCapabilities(base, length, one.capabilities);
  }
}

test('memory space does what an array of bytes does, in 100,000 steps (PI Vol. 2 §7.2.4)', () => {
  let steps = 0;
  const answers = new Set<string>();
  fc.assert(
    fc.property(fc.array(step, { minLength: 200, maxLength: 600, size: 'max' }), (all) => {
      const subject = new Subject();
      const model = new ModelSpace(2 ** BITS);
      for (const one of all) {
        const unit = one.whole ? 0x1000 : 0x100;
        const base = (one.base * unit) % 0x2200;
        const length = one.length * unit + (one.length > 0 ? one.off : 0);
        const answer = subject.take(one, base, length);
        expect(answer).toBe(modelTakes(model, one, base, length));
        expect(subject.borders()).toEqual(model.borders());
        answers.add(`${one.kind} ${typeof answer === 'number' ? 'address' : answer}`);
        steps += 1;
      }
    }),
    { numRuns: 280, seed: 20261121 },
  );
  expect(steps).toBeGreaterThan(100_000);
  // nothing was always refused
  expect([...answers].toSorted()).toEqual([
    'add EFI_ACCESS_DENIED',
    'add EFI_INVALID_PARAMETER',
    'add EFI_SUCCESS',
    'add EFI_UNSUPPORTED',
    'allocate EFI_INVALID_PARAMETER',
    'allocate EFI_NOT_FOUND',
    'allocate address',
    'attributes EFI_INVALID_PARAMETER',
    'attributes EFI_SUCCESS',
    'attributes EFI_UNSUPPORTED',
    'capabilities EFI_INVALID_PARAMETER',
    'capabilities EFI_SUCCESS',
    'capabilities EFI_UNSUPPORTED',
    'free EFI_INVALID_PARAMETER',
    'free EFI_NOT_FOUND',
    'free EFI_SUCCESS',
    'free EFI_UNSUPPORTED',
    'remove EFI_ACCESS_DENIED',
    'remove EFI_INVALID_PARAMETER',
    'remove EFI_NOT_FOUND',
    'remove EFI_SUCCESS',
    'remove EFI_UNSUPPORTED',
  ]);
}, 120_000);
