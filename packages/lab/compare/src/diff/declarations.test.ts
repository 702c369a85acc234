import type { DifferenceInput, RequestDifferenceInput } from '@dxelab/scenario';
import { defineScenario } from '@dxelab/scenario';
import { describe, expect, test } from 'vitest';
import type { Pair } from '../comparison.ts';
import type { Fact, RecordedEvent } from '../recording/recording.ts';
import { Declarations } from './declarations.ts';

const DISK = 'virtio-blk 02.0';

function declared(...differences: readonly DifferenceInput[]): Declarations {
  return new Declarations(defineScenario({ differences }));
}

function event(kind: RecordedEvent['kind'], name: string): RecordedEvent {
  return { kind, name, subject: name, facts: [] };
}

function bits(value: bigint): Fact {
  return { part: 'bits', text: '', bits: value };
}

const value = (text: string): Fact => ({ part: 'value', text });

describe('a name in which * stands for anything', () => {
  test.each([
    ['*', 'pci.bar0', true],
    ['pci.*', 'pci.bar0', true],
    ['*bar0', 'pci.bar0', true],
    ['pci.*0', 'pci.bar0', true],
    ['p*i*0', 'pci.bar0', true],
    ['pci.bar0', 'pci.bar0', true],
    ['pci.bar', 'pci.bar0', false],
    ['pci.*1', 'pci.bar0', false],
    ['*ci.ba*ar0', 'pci.bar0', false],
    ['pci.bar0*0', 'pci.bar0', false],
  ])('%s means %s: %s', (register, name, means) => {
    const declarations = declared({ register, reason: 'why' });
    const reason = declarations.reasonForEvent(DISK, event('register', name));
    expect(reason).toBe(means ? 'why' : undefined);
  });
});

describe('feature bits', () => {
  const register = event('register', 'common.deviceFeature');

  test('each must be declared, be it by several', () => {
    const declarations = declared(
      { features: [7], reason: 'one' },
      { features: [30, 40], reason: 'two' },
    );
    const reason = declarations.reasonForFact(DISK, register, [bits(1n << 7n), bits(1n << 30n)]);
    expect(reason).toBe('one; two');
    expect(declarations.unused).toEqual([]);
  });

  test('one that is not declared is enough, and what is declared did occur', () => {
    const declarations = declared({ features: [7], reason: 'one' });
    expect(declarations.reasonForFact(DISK, register, [bits(0n), bits(0x82n)])).toBeUndefined();
    expect(declarations.unused).toEqual([]);
  });
});

describe('what is declared for', () => {
  test.each<[string, DifferenceInput, string | undefined]>([
    ['the register', { register: 'isr', reason: 'why' }, 'why'],
    ['another register', { register: 'notify', reason: 'why' }, undefined],
    ['another device', { register: 'isr', device: '* mmio *', reason: 'why' }, undefined],
    ['a call of that name', { call: 'isr', reason: 'why' }, undefined],
    ['data', { request: 'data', reason: 'why' }, undefined],
  ])('%s', (_what, difference, reason) => {
    const declarations = declared(difference);
    const facts = [value('0x00'), value('0x01')] as const;
    expect(declarations.reasonForFact(DISK, event('register', 'isr'), facts)).toBe(reason);
    expect(declarations.unused).toHaveLength(reason === undefined ? 1 : 0);
  });

  test('a part of requests is not for another part, nor for another queue', () => {
    const data: Fact = { part: 'data', text: '00' };
    const length: Fact = { part: 'length', text: '1' };
    const declarations = declared({ request: 'data', queue: 1, reason: 'why' });
    const first = event('request', 'queue 1');
    expect(declarations.reasonForFact(DISK, first, [length, undefined])).toBeUndefined();
    expect(declarations.reasonForEvent(DISK, first)).toBeUndefined();
    expect(
      declarations.reasonForFact(DISK, event('request', 'queue 0'), [data, undefined]),
    ).toBeUndefined();
    expect(declarations.reasonForFact(DISK, first, [data, undefined])).toBe('why');
  });

  test.each<[Partial<RequestDifferenceInput>, string | undefined]>([
    [{}, 'why'],
    [{ command: 'INQUIRY' }, 'why'],
    [{ command: 'IN*', unit: '0:*' }, 'why'],
    [{ command: 'READ (10)' }, undefined],
    [{ unit: '1:*' }, undefined],
    [{ request: 'residual' }, undefined],
  ])('the data of requests with %o, and an INQUIRY of 0:300: %s', (difference, reason) => {
    const command = { name: 'INQUIRY', unit: '0:300' };
    const inquiry = { ...event('request', 'queue 2'), command };
    const facts: Pair<Fact | undefined> = [{ part: 'data', text: '00' }, undefined];
    const declarations = declared({ request: 'data', reason: 'why', ...difference });
    expect(declarations.reasonForFact(DISK, inquiry, facts)).toBe(reason);
  });

  test('SCSI commands is not for what is not known to be one', () => {
    const declarations = declared({ request: 'data', unit: '*', reason: 'why' });
    const data: Fact = { part: 'data', text: '00' };
    const plain = event('request', 'queue 0');
    expect(declarations.reasonForFact(DISK, plain, [data, undefined])).toBeUndefined();
  });

  test('descriptors allows requests that only one machine has', () => {
    const declarations = declared({ request: 'descriptors', reason: 'why' });
    expect(declarations.reasonForEvent(DISK, event('request', 'queue 3'))).toBe('why');
  });

  test('slots is for functions of the chipset in these slots', () => {
    const declarations = declared({ chipset: ['1f.0'], reason: 'why' });
    expect(declarations.reasonForFunction('1f.0')).toBe('why');
    expect(declarations.reasonForFunction('00:1f.2')).toBeUndefined();
    expect(declared({ chipset: 'any', reason: 'why' }).reasonForFunction('01:00.0')).toBe('why');
  });

  test('a result of the boot is for that result', () => {
    const declarations = declared({ boot: 'console', reason: 'why' });
    expect(declarations.reasonForResult('outcome')).toBeUndefined();
    expect(declarations.unused).toEqual([
      'scenario: differences[0]: the machines do not differ so (why)',
    ]);
    expect(declarations.reasonForResult('console')).toBe('why');
  });
});
