import { describe, expect, test } from 'vitest';
import type { FakeRegister } from '../fake-function.fixture.ts';
import { FakeFunction, FakeTpl } from '../fake-function.fixture.ts';
import { closeBridgeWindows, probeBridgeDecode, programBridgeWindow } from './bridge-windows.ts';

/** The registers of all windows: I/O and prefetchable memory with upper halves, as 1 in a low digit says. */
function bridge(io: 0 | 0xf0, ioWide: 0 | 1, prefetchable: 0 | 0xfff0, wide: 0 | 1) {
  const registers: FakeRegister[] = [
    { offset: 0x1c, size: 1, value: ioWide, writable: io },
    { offset: 0x1d, size: 1, value: ioWide, writable: io },
    { offset: 0x20, size: 4, writable: 0xfff0fff0 },
    { offset: 0x24, size: 2, value: wide, writable: prefetchable },
    { offset: 0x26, size: 2, value: wide, writable: prefetchable },
    { offset: 0x28, size: 4, writable: wide * 0xffffffff },
    { offset: 0x2c, size: 4, writable: wide * 0xffffffff },
    { offset: 0x30, size: 4, writable: ioWide * 0xffffffff },
  ];
  return new FakeFunction(registers);
}

describe('which windows a bridge has (PCI-to-PCI Bridge 1.2 §3.2.5)', () => {
  test.each([
    ['memory only', bridge(0, 0, 0, 0), { io: 0, prefetchable: 0 }],
    ['16 and 32 address bits', bridge(0xf0, 0, 0xfff0, 0), { io: 16, prefetchable: 32 }],
    ['32 and 64 address bits', bridge(0xf0, 1, 0xfff0, 1), { io: 32, prefetchable: 64 }],
  ])('%s', (_, fake, decode) => {
    expect(probeBridgeDecode(new FakeTpl(), fake.config)).toEqual(decode);
  });

  test('nothing changes by looking', () => {
    const fake = bridge(0xf0, 1, 0xfff0, 1);
    programBridgeWindow(fake.config, { io: 32, prefetchable: 64 }, 'io', 0x6000, 0x1000);
    probeBridgeDecode(new FakeTpl(), fake.config);
    expect(fake.config.read(0, 0x1c)).toBe(0x61);
  });
});

describe('what is written to the windows', () => {
  const decode = { io: 32, prefetchable: 64 } as const;

  test('closed: every limit is below its base', () => {
    const { config } = bridge(0xf0, 1, 0xfff0, 1);
    closeBridgeWindows(config, decode);
    const pairs = [0x1c, 0x20, 0x24].map((base) =>
      base === 0x1c
        ? [config.read(0, base), config.read(0, base + 1)]
        : [config.read(1, base), config.read(1, base + 2)],
    );
    expect(pairs).toEqual([
      [0xf1, 0x01],
      [0xfff0, 0],
      [0xfff1, 0x0001],
    ]);
    expect([config.read(2, 0x28), config.read(2, 0x2c)]).toEqual([0xffffffff, 0]);
    expect([config.read(1, 0x30), config.read(1, 0x32)]).toEqual([0xffff, 0]);
  });

  test('ports: 4 KiB units, with the upper half where there is one', () => {
    const fake = bridge(0xf0, 1, 0xfff0, 1);
    programBridgeWindow(fake.config, decode, 'io', 0x1c000, 0x2000);
    expect(fake.taken()).toEqual(['W8 1c = c0', 'W8 1d = d0', 'W16 30 = 1', 'W16 32 = 1']);
    programBridgeWindow(fake.config, { io: 16, prefetchable: 0 }, 'io', 0xc000, 0x1000);
    expect(fake.taken()).toEqual(['W8 1c = c0', 'W8 1d = c0']);
  });

  test('memory: 1 MiB units, below 4 GiB', () => {
    const fake = bridge(0xf0, 1, 0xfff0, 1);
    programBridgeWindow(fake.config, decode, 'mem32', 0xc0100000, 0x300000);
    expect(fake.taken()).toEqual(['W16 20 = c010', 'W16 22 = c030']);
  });

  test('prefetchable memory: above 4 GiB too', () => {
    const fake = bridge(0xf0, 1, 0xfff0, 1);
    programBridgeWindow(fake.config, decode, 'pmem64', 0x8_fff0_0000, 0x200000);
    expect(fake.taken()).toEqual(['W16 24 = fff0', 'W16 26 = 0', 'W32 28 = 8', 'W32 2c = 9']);
    programBridgeWindow(fake.config, { io: 0, prefetchable: 32 }, 'pmem32', 0xc0000000, 0x100000);
    expect(fake.taken()).toEqual(['W16 24 = c000', 'W16 26 = c000']);
  });
});
