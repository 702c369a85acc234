import { describe, expect, test } from 'vitest';
import { bareDevice } from '../../bare-device.fixture.ts';
import { Echo } from '../../echo.fixture.ts';
import { VERSION_1 } from '../../test-driver.fixture.ts';
import type { Width } from '../../test-driver.fixture.ts';
import { MmioMachine } from './mmio-machine.fixture.ts';
import { VirtioMmio } from './virtio-mmio.ts';
import type { VirtioMmioVersion } from './identity.ts';

const RING_RESET = 1n << 40n;
const SOUND = Uint8Array.of(0x41);

function machine(version: VirtioMmioVersion): { echo: Echo; bench: MmioMachine } {
  const echo = new Echo();
  return { echo, bench: new MmioMachine(echo, { version }) };
}

describe.each([1, 2] as const)('version %i', (version) => {
  const section = version === 1 ? 'virtio-1.4 4.2.4' : 'virtio-1.4 4.2.2.2';

  test('says what it is: "virt", its version, its type and vendor (§4.2.2)', () => {
    const { bench } = machine(version);
    expect([0x00, 0x04, 0x08, 0x0c].map((offset) => bench.get(offset))).toEqual([
      0x74726976,
      version,
      42,
      0x554d4551,
    ]);
    expect(bench.broken).toEqual([]);
  });

  test.each<[number, Width]>([
    [0x000, 1],
    [0x010, 2],
    [0x034, 1],
    [0x070, 1],
  ])('the register at %i is not accessed with %i bytes', (offset, width) => {
    const { bench } = machine(version);
    expect(bench.get(offset, width)).toBe(0);
    bench.set(offset, width, 1);
    expect(bench.status).toBe(0);
    expect(bench.broken).toEqual([section, section]);
  });

  test.each([0x14, 0x20, 0x24, 0x30, 0x38, 0x50, 0x64])('the one at %i is write-only', (offset) => {
    const { bench } = machine(version);
    expect(bench.get(offset)).toBe(0);
    expect(bench.broken).toEqual([section]);
  });

  test.each([0x00, 0x04, 0x08, 0x0c, 0x10, 0x34, 0x60])('the one at %i is read-only', (offset) => {
    const { bench } = machine(version);
    const before = bench.get(offset);
    bench.findings.length = 0;
    bench.set(offset, 4, 0x55);
    expect(bench.broken).toEqual([section]);
    expect(bench.get(offset)).toBe(before);
  });

  test.each([0x18, 0x2c, 0x48, 0x74, 0xc4])('there is none at %i', (offset) => {
    const { bench } = machine(version);
    expect(bench.get(offset)).toBe(0);
    bench.set(offset, 4, 1);
    expect(bench.broken).toEqual([section, section]);
  });

  test.each(version === 1 ? [0x44, 0x80, 0xac, 0xb0, 0xc0, 0xfc] : [0x28, 0x3c, 0x40])(
    'the one at %i is of the other version',
    (offset) => {
      const { bench } = machine(version);
      bench.set(offset, 4, 1);
      expect(bench.get(offset)).toBe(0);
      expect(bench.broken).toEqual([section, section]);
    },
  );

  test('events are acknowledged one by one, and no others (§4.2.3.4.1)', () => {
    const { bench, echo } = machine(version);
    const record = bench.machine.bus.interrupts.of('echo');
    bench.start();
    bench.offer([SOUND, 1]);
    echo.host?.configChanged();
    bench.set(0x64, 4, 1);
    expect([bench.get(0x60), record.asserted]).toEqual([2, true]);
    bench.set(0x64, 4, 2);
    expect([bench.get(0x60), record.asserted]).toEqual([0, false]);
    bench.set(0x64, 4, 4);
    expect(bench.broken).toEqual([section]);
  });

  test('a queue that does not exist cannot be configured', () => {
    const { bench } = machine(version);
    bench.set(0x30, 4, 2);
    bench.set(0x38, 4, 8);
    expect(bench.broken).toEqual([section]);
  });

  test.each([
    [8, []],
    [12, [section]],
    [32, [section]],
    [0, [section]],
  ])('a queue of 16 may be given a power of two up to that: %i', (size, broken) => {
    const { bench } = machine(version);
    bench.set(0x30, 4, 0);
    bench.set(0x38, 4, size);
    expect(bench.get(0x34)).toBe(16);
    expect(bench.broken).toEqual(broken);
  });

  test('a device type of more than 32 bits, or 257 bytes of configuration, cannot be shown', () => {
    const show = (deviceType: number, configSize: number) =>
      new VirtioMmio(bareDevice(deviceType, configSize), { version });
    expect(() => show(2, 257)).toThrow(/up to 256 bytes on MMIO, not 257/);
    expect(() => show(2 ** 32, 0)).toThrow(/device type on MMIO/);
    expect(() => show(2 ** 32 - 1, 256)).not.toThrow();
  });
});

describe('version 2 (§4.2.2)', () => {
  test('feature words are selected before they are used', () => {
    const { bench } = machine(2);
    expect(bench.get(0x10)).toBe(0x3000_0005);
    bench.set(0x20, 4, 1);
    expect(bench.broken).toEqual(['virtio-1.4 4.2.2.2', 'virtio-1.4 4.2.2.2']);
    bench.set(0x14, 4, 1);
    expect(bench.get(0x10)).toBe(0x101);
    bench.set(0x14, 4, 9);
    expect(bench.get(0x10)).toBe(0);
    expect(bench.broken).toHaveLength(2);
  });

  test('a queue is ready when the driver says so, until it says otherwise', () => {
    const { bench } = machine(2);
    bench.start();
    bench.set(0x30, 4, 0);
    expect(bench.get(0x44)).toBe(1);
    bench.set(0x44, 4, 0);
    expect(bench.get(0x44)).toBe(0);
    bench.offer([SOUND, 1]);
    expect(bench.usedIndex()).toBe(0);
    expect(bench.broken).toEqual(['virtio-1.4 4.2.3.3']);
    // What was configured is still there; the rings begin anew.
    bench.machine.platform.ram.fill(bench.rings(0).device, 0x1000, 0);
    bench.set(0x44, 4, 1);
    bench.notify(0);
    expect(bench.usedIndex()).toBe(1);
  });

  test('QueueReady takes 0 and 1', () => {
    const { bench } = machine(2);
    bench.set(0x30, 4, 0);
    bench.set(0x44, 4, 2);
    expect(bench.get(0x44)).toBe(0);
    expect(bench.broken).toEqual(['virtio-1.4 4.2.2.2']);
  });

  test('while a queue is ready, its size and addresses are not touched', () => {
    const { bench } = machine(2);
    bench.start();
    bench.set(0x30, 4, 0);
    for (const offset of [0x38, 0x80, 0x84, 0x90, 0x94, 0xa0, 0xa4]) bench.set(offset, 4, 4);
    expect(bench.broken).toEqual(Array(7).fill('virtio-1.4 4.2.2.2'));
    bench.offer([SOUND, 1]);
    expect(bench.usedIndex()).toBe(1);
  });

  test('addresses have 64 bits', () => {
    const { bench } = machine(2);
    bench.start();
    bench.set(0x30, 4, 0);
    bench.set(0x44, 4, 0);
    bench.set(0xa4, 4, 1);
    bench.set(0x44, 4, 1);
    bench.notify(0);
    expect(bench.findings[0]).toMatchObject({
      rule: 'machine dma-outside-ram',
      fields: { address: bench.rings(0).device + 2 ** 32 },
    });
  });

  test('a queue is reset alone, if that was negotiated (§2.6.1)', () => {
    const { bench, echo } = machine(2);
    bench.start();
    bench.set(0x30, 4, 0);
    bench.set(0xc0, 4, 1);
    expect(bench.get(0x44)).toBe(1);
    expect(bench.broken).toEqual(['virtio-1.4 4.2.2.2']);
    bench.findings.length = 0;

    echo.delay = 1000;
    bench.start(VERSION_1 | RING_RESET, 8);
    bench.offer([SOUND, 3]);
    bench.set(0x30, 4, 0);
    bench.set(0xc0, 4, 1);
    expect([bench.get(0xc0), bench.get(0x44)]).toEqual([0, 0]);
    bench.machine.platform.clock.delay(10_000);
    expect([bench.usedIndex(), bench.bytes(1, 1)[0]]).toEqual([0, 0xc5]);
    bench.enable(0);
    bench.offer([SOUND, 3]);
    bench.machine.platform.clock.delay(10_000);
    expect([bench.usedIndex(), bench.broken]).toEqual([1, []]);
  });

  test('there is no shared memory: lengths and addresses are all-ones', () => {
    const { bench } = machine(2);
    bench.set(0xac, 4, 0);
    expect([0xb0, 0xb4, 0xb8, 0xbc].map((offset) => bench.get(offset))).toEqual(
      Array(4).fill(0xffff_ffff),
    );
    expect(bench.broken).toEqual([]);
  });

  test('ConfigGeneration changes when the configuration was read after a change', () => {
    const { bench, echo } = machine(2);
    const before = bench.get(0xfc);
    bench.config(0, 4);
    expect(bench.get(0xfc)).toBe(before);
    echo.host?.configChanged();
    bench.config(0, 4);
    expect(bench.get(0xfc)).not.toBe(before);
  });
});

describe('version 1 (§4.2.4)', () => {
  const section = 'virtio-1.4 4.2.4';

  test('has 32 feature bits, which need not be selected', () => {
    const { bench } = machine(1);
    expect(bench.get(0x10)).toBe(0x3900_0005);
    bench.set(0x14, 4, 1);
    expect(bench.get(0x10)).toBe(0);
    // Drivers that know 64 bits write none of the upper ones.
    bench.set(0x24, 4, 1);
    bench.set(0x20, 4, 0);
    expect(bench.broken).toEqual([]);
    bench.set(0x20, 4, 1);
    expect(bench.broken).toEqual([section]);
  });

  test('a queue is where its page is, in pages of the size that the driver chose', () => {
    const { bench } = machine(1);
    bench.start();
    bench.set(0x30, 4, 1);
    expect(bench.get(0x40)).toBe(bench.rings(1).desc / 1024);
    bench.offer([SOUND, 1], 1);
    expect(bench.usedIndex(1)).toBe(1);
    bench.set(0x40, 4, 0);
    expect(bench.get(0x40)).toBe(0);
    bench.offer([SOUND, 1], 1);
    expect(bench.usedIndex(1)).toBe(1);
    expect(bench.broken).toEqual(['virtio-1.4 4.2.3.3']);
  });

  test('GuestPageSize comes first', () => {
    const { bench } = machine(1);
    bench.set(0x30, 4, 0);
    bench.set(0x3c, 4, 4096);
    bench.set(0x40, 4, 0x100);
    expect(bench.get(0x40)).toBe(0);
    expect(bench.broken).toEqual([section]);
    bench.set(0x28, 4, 4096);
    bench.set(0x40, 4, 0x100);
    expect(bench.get(0x40)).toBe(0x100);
    expect(bench.broken).toHaveLength(1);
  });

  test('without QueueAlign the used ring is at a page, and that is reported', () => {
    const { bench } = machine(1);
    bench.negotiate();
    bench.set(0x28, 4, 4096);
    bench.set(0x30, 4, 1);
    const { desc } = bench.rings(1);
    const { ram } = bench.machine.platform;
    ram.fill(desc, 0x4000, 0);
    bench.set(0x40, 4, desc / 4096);
    expect(bench.broken).toEqual([section]);
    ram.writeUint16(desc + 16 * 8 + 2, 1);
    bench.notify(1);
    expect(ram.readUint16(desc + 4096 + 2)).toBe(1);
  });

  test.each([
    ['GuestPageSize', 0x28],
    ['QueueAlign', 0x3c],
  ])('%s is a power of two', (_name, offset) => {
    const { bench } = machine(1);
    bench.set(0x30, 4, 0);
    for (const value of [0, 3000]) bench.set(offset, 4, value);
    expect(bench.broken).toEqual([section, section]);
    bench.set(offset, 4, 0x8000_0000);
    expect(bench.broken).toHaveLength(2);
  });

  test('QueueSizeMax is not read while the queue is in use', () => {
    const { bench } = machine(1);
    bench.start();
    expect(bench.select(0)).toBe(16);
    expect(bench.broken).toEqual([section]);
  });

  test('a reset forgets page size and alignment', () => {
    const { bench } = machine(1);
    bench.start();
    bench.status = 0;
    bench.set(0x30, 4, 0);
    expect(bench.get(0x40)).toBe(0);
    bench.set(0x40, 4, 0x100);
    bench.set(0x28, 4, 4096);
    bench.set(0x40, 4, 0x100);
    expect(bench.broken).toEqual([section, section]);
  });
});
