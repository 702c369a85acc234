import { describe, expect, test } from 'vitest';
import type { FakeRegister } from '../fake-function.fixture.ts';
import { FakeFunction, FakeTpl } from '../fake-function.fixture.ts';
import type { BarTable } from './probe-bars.ts';
import { probeBars, programBar, readBases } from './probe-bars.ts';

/** A BAR register: its flags, and its address bits. */
function bar(index: number, value: number, writable: number): FakeRegister {
  return { offset: 0x10 + 4 * index, size: 4, value, writable };
}

/** A 64-bit BAR, a 32-bit one, one that is missing, and ports: the layout of Appendix C.25. */
const MIXED = [
  bar(0, 0x4, 0xffffc000),
  bar(1, 0, 0xffffffff),
  bar(2, 0x0, 0xfffff000),
  bar(4, 0x1, 0xffffffe0),
];

function table(bars: BarTable) {
  return bars.map((one) => (one === undefined ? '-' : `${one.type}@${one.register.toString(16)}`));
}

describe('which BARs a function has, and under which index PciIo knows them', () => {
  test('in the specification a 64-bit BAR has two numbers', () => {
    const { config } = new FakeFunction(MIXED);
    const bars = probeBars(new FakeTpl(), config, 6, false);
    expect(table(bars)).toEqual(['mem64@10', '-', 'mem32@18', '-', 'io@20', '-']);
  });

  test('QUIRK PciBusDxe.BarOrdinal: it counts once, and all behind it move', () => {
    const { config } = new FakeFunction(MIXED);
    const bars = probeBars(new FakeTpl(), config, 6, true);
    expect(table(bars)).toEqual(['mem64@10', 'mem32@18', '-', 'io@20', '-', '-']);
  });

  test.each([true, false])(
    "the last 64-bit BAR, QEMU's usual place for virtio, moves none (ordinal: %s)",
    (ordinal) => {
      const { config } = new FakeFunction([
        bar(1, 0, 0xfffff000),
        bar(4, 0xc, 0xffffc000),
        bar(5, 0, 0xffffffff),
      ]);
      const bars = probeBars(new FakeTpl(), config, 6, ordinal);
      expect(table(bars)).toEqual(['-', 'mem32@14', '-', '-', 'pmem64@20', '-']);
    },
  );

  test('a bridge has two registers', () => {
    const { config } = new FakeFunction([bar(1, 0, 0xfffff000), bar(2, 0, 0xfffff000)]);
    expect(table(probeBars(new FakeTpl(), config, 2, false)).slice(0, 3)).toEqual([
      '-',
      'mem32@14',
      '-',
    ]);
  });

  test('a 64-bit BAR without a second register is none', () => {
    const { config } = new FakeFunction([bar(5, 0x4, 0xffffc000)]);
    expect(table(probeBars(new FakeTpl(), config, 6, false))).toEqual(Array(6).fill('-'));
  });
});

test('BarExisted: all ones, the answer, and what was there, at TPL_HIGH_LEVEL (PCI §6.2.5.1)', () => {
  const fake = new FakeFunction([bar(0, 0xfebf0000, 0xfffff000)]);
  probeBars(new FakeTpl(fake.log), fake.config, 1, false);
  expect(fake.taken()).toEqual([
    'TPL 31',
    'R32 10',
    'W32 10 = ffffffff',
    'R32 10',
    'W32 10 = febf0000',
    'TPL 4',
  ]);
});

test('where a BAR was placed can be read again', () => {
  const { config } = new FakeFunction(MIXED);
  const bars = probeBars(new FakeTpl(), config, 6, false);
  const bases = [0x8_0000_4000, 0xc0001000, 0xc020];
  for (const one of bars) if (one !== undefined) programBar(config, one, bases.shift() ?? 0);
  const again = probeBars(new FakeTpl(), config, 6, false);
  readBases(config, again);
  expect(again).toEqual(bars);
  expect(again.map((one) => one?.base)).toEqual([
    0x8_0000_4000,
    undefined,
    0xc0001000,
    undefined,
    0xc020,
    undefined,
  ]);
});
