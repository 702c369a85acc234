import type { EfiStatus, EfiVariableName } from '@dxelab/uefi';
import {
  EFI_VARIABLE_APPEND_WRITE as APPEND,
  EFI_VARIABLE_BOOTSERVICE_ACCESS as BS,
  EFI_VARIABLE_NON_VOLATILE as NV,
  EFI_VARIABLE_RUNTIME_ACCESS as RT,
  efiStatusOf,
  guid,
} from '@dxelab/uefi';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Kill, TearingStorage } from './store/tearing-storage.fixture.ts';
import { VariableStore } from './store/variable-store.ts';
import { VariableServices } from './variable-services.ts';
import type { Model, ModelVariable } from './variables-model.fixture.ts';
import {
  MAXIMUM_VARIABLE_SIZE,
  modelReset,
  modelSet,
  modelText,
} from './variables-model.fixture.ts';

const OPERATIONS_A_LIFE = 200;
const LIVES = 500;

/** A write; of some the machine is switched off in the middle, and before some it is switched on anew. */
interface Operation extends ModelVariable {
  readonly isReset: boolean;
  /** Bytes that are written before the machine is off. */
  readonly killedAfter: number | undefined;
}

const operation: fc.Arbitrary<Operation> = fc
  .record({
    name: fc.constantFrom('A', 'B', 'Name', 'a'),
    vendor: fc.constantFrom(
      guid('837dca9e-e874-4d82-b29a-23fe0e23d1e2'),
      guid('00000000-0000-0000-0000-000000000001'),
    ),
    access: fc.constantFrom(BS, BS | RT, NV | BS, NV | BS | RT, 0),
    append: fc.constantFrom(0, 0, 0, APPEND),
    length: fc.constantFrom(0, 0, 1, 2, 3, 17, 200, 900),
    fill: fc.constantFrom('0', '1', '2'),
    isReset: fc.integer({ min: 0, max: 6 }).map((one) => one === 0),
    killedAfter: fc.option(fc.integer({ min: 0, max: 400 }), { nil: undefined, freq: 1 }),
  })
  .map(({ name, vendor, access, append, length, fill, isReset, killedAfter }) => ({
    name,
    vendor,
    attributes: access | append,
    data: fill.repeat(length),
    isReset,
    killedAfter,
  }));

/** A machine's variables from their first boot on, beside their model. */
class Life {
  readonly #storage = new TearingStorage(0x6000);
  #variables: VariableServices = this.#boot();
  #model: Model = [];

  /** @returns how it differs from the model; `undefined` if it does not */
  step(one: Operation): string | undefined {
    if (one.isReset) {
      this.#variables = this.#boot();
      this.#model = modelReset(this.#model);
    }
    const wanted = modelSet(this.#model, one);
    const status = this.#set(one);
    if (status === 'killed') return this.#mend(wanted);
    if (typeof wanted !== 'string' && status === 'EFI_SUCCESS') this.#model = wanted;
    // The model has room for everything; what is refused for want of it must have changed nothing.
    const expected = typeof wanted === 'string' ? wanted : 'EFI_SUCCESS';
    const isExpected =
      status === expected || (status === 'EFI_OUT_OF_RESOURCES' && expected === 'EFI_SUCCESS');
    return isExpected ? this.#difference() : `${status}, not ${expected}: ${JSON.stringify(one)}`;
  }

  #boot(): VariableServices {
    this.#storage.log.length = 0;
    return new VariableServices(new VariableStore(this.#storage), {
      maximumVariableSize: MAXIMUM_VARIABLE_SIZE,
      volatileSize: 0x1000,
      authenticates: true,
      verify: () => false,
    });
  }

  #set({
    name,
    vendor,
    attributes,
    data,
    killedAfter = Infinity,
  }: Operation): EfiStatus | 'killed' {
    this.#storage.budget = killedAfter;
    try {
      this.#variables.setVariable(
        name,
        vendor,
        attributes,
        Uint8Array.from(Buffer.from(data, 'latin1')),
      );
      return 'EFI_SUCCESS';
    } catch (caught) {
      if (caught instanceof Kill) return 'killed';
      const status = efiStatusOf(caught);
      if (status === undefined) throw caught;
      return status;
    } finally {
      this.#storage.budget = Infinity;
    }
  }

  /** After a kill there is what was there before, or what was to be there. */
  #mend(wanted: Model | EfiStatus): string | undefined {
    this.#variables = this.#boot();
    const found = textOf(this.#variables);
    const possible = [this.#model, typeof wanted === 'string' ? this.#model : wanted].map(
      modelReset,
    );
    const kept = possible.find((model) => modelText(model) === found);
    this.#model = kept ?? this.#model;
    return kept === undefined ? `after a kill: ${found}` : undefined;
  }

  #difference(): string | undefined {
    const [found, expected] = [textOf(this.#variables), modelText(this.#model)];
    return found === expected ? undefined : `found\n${found}\nexpected\n${expected}`;
  }
}

test(
  'property: 100,000 writes, with resets and kills among them, are those of a list (UEFI §8.2)',
  { timeout: 120_000 },
  () => {
    const life = fc.array(operation, {
      minLength: OPERATIONS_A_LIFE,
      maxLength: OPERATIONS_A_LIFE,
    });
    let steps = 0;
    const property = fc.property(life, (operations) => {
      const one = new Life();
      for (const write of operations) {
        expect(one.step(write)).toBeUndefined();
        steps += 1;
      }
    });
    fc.assert(property, { numRuns: LIVES });
    expect(steps).toBe(LIVES * OPERATIONS_A_LIFE);
  },
);

function textOf(variables: VariableServices): string {
  const found: ModelVariable[] = [];
  for (let at: EfiVariableName | undefined; ;) {
    at = variables.getNextVariableName(at);
    // in the order in which they come, which the model has to have as well
    if (at === undefined) return found.map((one) => modelText([one])).join('\n');
    const { attributes, data } = variables.getVariable(at.name, at.vendor);
    found.push({
      name: at.name,
      vendor: at.vendor,
      attributes,
      data: Buffer.from(data).toString('latin1'),
    });
  }
}
