import { describe, expect, test } from 'vitest';
import type { VirtioDeviceModel } from '../../core/virtio-device-model.ts';
import { bareDevice } from '../../bare-device.fixture.ts';
import { Echo } from '../../echo.fixture.ts';
import type { Width } from '../../test-driver.fixture.ts';
import { LegacyMachine } from './legacy-machine.fixture.ts';
import { VirtioPciLegacy } from './virtio-pci-legacy.ts';

const SOUND = Uint8Array.of(0x41);

function machine(): { echo: Echo; bench: LegacyMachine } {
  const echo = new Echo();
  return { echo, bench: new LegacyMachine(echo) };
}

/** Programs and unmasks the first vectors of the MSI-X table, and enables it. */
function enableMsix(bench: LegacyMachine): void {
  const { mmio } = bench.machine.platform;
  for (const vector of [0, 1]) {
    mmio.write32(bench.msix + 16 * vector, 0xfee0_0000);
    mmio.write32(bench.msix + 16 * vector + 8, 0x40 + vector);
    mmio.write32(bench.msix + 16 * vector + 12, 0);
  }
  bench.setConfig(0x42, 2, 0x8000);
}

describe('discovery (§4.1.2.3)', () => {
  test.each([
    [1, 0x1000],
    [2, 0x1001],
    [3, 0x1003],
    [4, 0x1005],
    [5, 0x1002],
    [8, 0x1004],
    [9, 0x1009],
    [42, 0x102a],
  ])('a device of type %i has the id %i, revision 0, and its type as subsystem', (type, id) => {
    const bench = new LegacyMachine(bareDevice(type));
    expect(bench.getConfig(0x00, 4)).toBe(((id << 16) | 0x1af4) >>> 0);
    expect([bench.getConfig(0x08, 1), bench.getConfig(0x2e, 2)]).toEqual([0, type]);
  });

  test('BAR0 is in I/O space, and no capability speaks of virtio (§4.1.5.1.1.1)', () => {
    const { bench } = machine();
    expect(bench.getConfig(0x10, 4) & 1).toBe(1);
    expect([bench.getConfig(0x34, 1), bench.getConfig(0x40, 2)]).toEqual([0x40, 0x0011]);
  });

  test.each([
    [0, 32],
    [8, 32],
    [9, 64],
    [60, 128],
    [232, 256],
  ])('a configuration of %i bytes makes a BAR of %i ports', (config, ports) => {
    const bench = new LegacyMachine(bareDevice(2, config));
    bench.setConfig(0x10, 4, 0xffff_ffff);
    expect(-(bench.getConfig(0x10, 4) & ~1) & 0xffff).toBe(ports);
  });

  test.each<[string, VirtioDeviceModel, RegExp]>([
    ['type 64', bareDevice(64), /1 to 63 on legacy PCI|legacy PCI is 1 to 63/],
    ['233 bytes of configuration', bareDevice(2, 233), /up to 232 bytes/],
  ])('a model with %s cannot be shown', (_name, model, message) => {
    expect(() => new VirtioPciLegacy(model)).toThrow(message);
  });
});

describe('the header (§4.1.4.10)', () => {
  test('shows what the driver wrote, and the queue size', () => {
    const { bench } = machine();
    bench.set(0x04, 4, 0b101);
    bench.set(0x0e, 2, 1);
    expect([bench.get(0x04, 4), bench.get(0x0c, 2), bench.get(0x0e, 2)]).toEqual([0b101, 8, 1]);
    bench.set(0x08, 4, 0x100);
    expect(bench.get(0x08, 4)).toBe(0x100);
    bench.set(0x0e, 2, 0);
    expect(bench.get(0x08, 4)).toBe(0);
    bench.set(0x12, 1, 0);
    expect([bench.get(0x04, 4), bench.get(0x0e, 2)]).toEqual([0, 0]);
    bench.set(0x0e, 2, 1);
    expect(bench.get(0x08, 4)).toBe(0);
    expect(bench.broken).toEqual([]);
  });

  test.each<[number, Width]>([
    [0x00, 4],
    [0x0c, 2],
    [0x13, 1],
  ])('the register at %i is read-only', (offset, width) => {
    const { bench } = machine();
    const before = bench.get(offset, width);
    bench.set(offset, width, 0x55);
    expect(bench.get(offset, width)).toBe(before);
    expect(bench.broken).toEqual(['virtio-1.4 4.1.4.10']);
  });

  test.each<[number, Width, number]>([
    [0x04, 1, 4],
    [0x08, 2, 4],
    [0x0e, 1, 2],
    [0x02, 2, 0],
  ])('at %i an access of %i bytes is reported: the register has %i', (offset, width, wanted) => {
    const { bench } = machine();
    bench.get(offset, width);
    bench.set(offset, width, 0);
    expect(bench.findings.map(({ message }) => message)).toEqual(
      Array(2).fill(
        expect.stringContaining(wanted === 0 ? 'no register begins' : `register has ${wanted}`),
      ),
    );
    expect(new Set(bench.broken)).toEqual(new Set(['virtio-1.4 4.1.4.10']));
  });

  test('a notification in 32 bits notifies, and is reported', () => {
    const { bench } = machine();
    bench.start();
    bench.offer([SOUND, 1]);
    bench.set(0x10, 4, 0);
    expect(bench.broken).toEqual(['virtio-1.4 4.1.4.10']);
  });

  test('reading the ISR status clears it and releases the line (§4.1.4.5)', () => {
    const { bench } = machine();
    bench.start();
    bench.offer([SOUND, 1]);
    expect(bench.getConfig(0x06, 2) & 8).toBe(8);
    expect([bench.get(0x13, 1), bench.get(0x13, 1)]).toEqual([1, 0]);
    expect(bench.getConfig(0x06, 2) & 8).toBe(0);
  });
});

describe('a queue (§4.1.5.1.3.1)', () => {
  test('lies in pages of 4096 bytes, the used ring at the next', () => {
    const bench = new LegacyMachine(new Echo([256]));
    bench.start();
    const { desc, driver, device } = bench.rings(0);
    expect([driver - desc, device - desc]).toEqual([4096, 8192]);
    bench.offer([SOUND, 1]);
    expect(bench.usedIndex()).toBe(1);
  });

  test('may lie above 4 GiB, where this machine has no RAM', () => {
    const { bench } = machine();
    bench.start();
    bench.set(0x0e, 2, 0);
    bench.set(0x08, 4, 0);
    bench.set(0x08, 4, 0x12_3456);
    expect(bench.get(0x08, 4)).toBe(0x12_3456);
    bench.notify(0);
    expect(bench.status).toBe(0x47);
    expect(bench.broken).toEqual(['machine dma-outside-ram', 'virtio-1.4 2.7']);
  });

  test('that does not exist cannot be configured', () => {
    const { bench } = machine();
    bench.set(0x0e, 2, 2);
    bench.set(0x08, 4, 0x100);
    expect(bench.get(0x08, 4)).toBe(0);
    expect(bench.broken).toEqual(['virtio-1.4 4.1.5.1.3.1']);
  });
});

describe('with MSI-X enabled (§4.1.4.10)', () => {
  test('the vectors come before the device configuration, which moves', () => {
    const { bench } = machine();
    expect([bench.get(0x14, 1), bench.get(0x18, 1)]).toEqual([1, 5]);
    enableMsix(bench);
    expect([bench.get(0x14, 2), bench.get(0x16, 2), bench.get(0x18, 1)]).toEqual([
      0xffff, 0xffff, 1,
    ]);
    bench.set(0x14, 2, 0);
    bench.set(0x16, 2, 1);
    bench.set(0x18, 1, 0x77);
    expect([bench.get(0x14, 2), bench.get(0x16, 2), bench.get(0x18, 1)]).toEqual([0, 1, 0x77]);
    expect(bench.broken).toEqual([]);
  });

  test('used buffers and changes are notified by their vectors', () => {
    const { bench, echo } = machine();
    const record = bench.machine.bus.interrupts.of('echo');
    enableMsix(bench);
    bench.start();
    bench.set(0x14, 2, 0);
    bench.set(0x0e, 2, 0);
    bench.set(0x16, 2, 1);
    bench.offer([SOUND, 1]);
    expect(record).toMatchObject({ messages: 1, lastData: 0x41, assertions: 0 });
    echo.host?.configChanged();
    expect(record).toMatchObject({ messages: 2, lastData: 0x40, assertions: 0 });
  });

  test('a vector outside the table maps to none (§4.1.5.1.2.2)', () => {
    const { bench } = machine();
    enableMsix(bench);
    bench.set(0x14, 2, 3);
    bench.set(0x16, 2, 9);
    expect([bench.get(0x14, 2), bench.get(0x16, 2)]).toEqual([0xffff, 0xffff]);
    expect(bench.broken).toEqual(Array(2).fill('virtio-1.4 4.1.5.1.2.2'));
    bench.set(0x0e, 2, 7);
    bench.set(0x16, 2, 0);
    expect(bench.broken.at(-1)).toBe('virtio-1.4 4.1.5.1.3.1');
  });
});

test('without bus mastering nothing is reached', () => {
  const { bench } = machine();
  bench.start();
  bench.setConfig(0x04, 2, 3);
  bench.offer([SOUND, 1]);
  expect(bench.broken).toEqual(['PCI-3.0 6.2.2', 'virtio-1.4 2.7']);
});
