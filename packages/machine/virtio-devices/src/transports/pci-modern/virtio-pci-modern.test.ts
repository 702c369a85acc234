import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Echo } from '../../echo.fixture.ts';
import { TestMachine } from '../../test-machine.fixture.ts';
import type { Width } from '../../test-driver.fixture.ts';
import { VirtioPciModern } from './virtio-pci-modern.ts';

const VERSION_1 = 1n << 32n;
const RING_RESET = 1n << 40n;
const INDIRECT_DESC = 1n << 28n;
const EVENT_IDX = 1n << 29n;

function machine(options: ConstructorParameters<typeof TestMachine>[1] = {}) {
  const echo = new Echo();
  return { echo, bench: new TestMachine(echo, options) };
}

const SOUND = Uint8Array.of(0x41);

describe('discovery (§4.1.2)', () => {
  test('vendor 0x1AF4, device 0x1040 + type, revision 1, subsystem from 0x40', () => {
    const { bench } = machine();
    expect(bench.getConfig(0x00, 4)).toBe(0x106a_1af4);
    expect(bench.getConfig(0x08, 1)).toBe(1);
    expect(bench.getConfig(0x2e, 2)).toBeGreaterThanOrEqual(0x40);
  });

  test('the capabilities lie where QEMU has them, and in its order (§4.1.4)', () => {
    const { bench } = machine();
    const found: number[][] = [];
    for (let at = bench.getConfig(0x34, 1); at !== 0; at = bench.getConfig(at + 1, 1)) {
      const isVendor = bench.getConfig(at, 1) === 9;
      const where = isVendor
        ? [
            bench.getConfig(at + 3, 1),
            bench.getConfig(at + 4, 1),
            bench.getConfig(at + 8, 4),
            bench.getConfig(at + 12, 4),
          ]
        : [];
      found.push([at, bench.getConfig(at, 1), ...where]);
    }
    expect(found).toEqual([
      [0x98, 0x11],
      [0x84, 9, 5, 0, 0, 0],
      [0x70, 9, 2, 4, 0x3000, 0x1000],
      [0x60, 9, 4, 4, 0x2000, 0x1000],
      [0x50, 9, 3, 4, 0x1000, 0x1000],
      [0x40, 9, 1, 4, 0x0000, 0x1000],
    ]);
    expect(bench.getConfig(0x70 + 16, 4)).toBe(4);
    expect(bench.getConfig(0x9a, 2) & 0x7ff).toBe(2);
  });

  test('a device without configuration has a capability for it all the same, as on QEMU', () => {
    const bench = new TestMachine({
      name: 'bare',
      deviceType: 4,
      features: 0n,
      queueSizes: [8],
      config: new Uint8Array(0),
      handleChain: () => 0,
    });
    expect(bench.getConfig(0x60 + 3, 1)).toBe(4);
    expect(bench.get(0x2000, 4)).toBe(0xffff_ffff);
  });

  test.each<[string, number[], RegExp]>([
    ['3 descriptors', [3], /power of two/],
    ['65536 descriptors', [65536], /power of two/],
    ['1025 queues', Array.from({ length: 1025 }, () => 2), /up to 1024 queues/],
  ])('a model with a queue of %s cannot be shown', (_name, queueSizes, message) => {
    expect(() => new VirtioPciModern(new Echo(queueSizes))).toThrow(message);
  });
});

describe('the device status (§2.1)', () => {
  test('walks through initialisation, and tells the model what was negotiated (§3.1.1)', () => {
    const { bench, echo } = machine();
    bench.start(VERSION_1 | 1n);
    expect(bench.status).toBe(0x0f);
    expect(echo.started).toEqual([VERSION_1 | 1n]);
    expect(bench.broken).toEqual([]);
  });

  test.each([
    ['features that were not offered (§2.2.1)', VERSION_1 | 2n, '2.2.1'],
    ['features in bits 64 and up (§2.2.1)', VERSION_1 | (1n << 63n), '2.2.1'],
    ['the lack of VIRTIO_F_VERSION_1 (§6.1)', 1n, '6.1'],
  ])('FEATURES_OK does not stay for %s', (_name, features, section) => {
    const { bench, echo } = machine();
    bench.status = 1;
    bench.status = 3;
    bench.accept(features);
    bench.status = 0x0b;
    expect(bench.status).toBe(3);
    bench.status = 0x0f;
    expect(bench.status & 4).toBe(0);
    expect(echo.started).toEqual([]);
    expect(bench.broken[0]).toBe(`virtio-1.4 ${section}`);
  });

  test('without VIRTIO_F_VERSION_1 offered, nobody needs to accept it', () => {
    const { bench } = machine({ withhold: VERSION_1 });
    expect(bench.features).toBe(INDIRECT_DESC | EVENT_IDX | RING_RESET | 0b101n);
    bench.start(1n);
    expect(bench.status).toBe(0x0f);
  });

  test('a step out of order is reported (§3.1.1)', () => {
    const { bench } = machine();
    bench.status = 2;
    bench.accept(VERSION_1);
    bench.status = 0x0a;
    expect(bench.broken).toEqual(['virtio-1.4 3.1.1']);
  });

  test('DRIVER_OK is not set without FEATURES_OK (§3.1.1)', () => {
    const { bench } = machine();
    bench.status = 7;
    expect(bench.status).toBe(3);
    expect(bench.broken).toEqual(['virtio-1.4 3.1.1']);
  });

  test('a bit that was set stays until a reset (§2.1.1)', () => {
    const { bench } = machine();
    bench.start();
    bench.status = 0x80;
    expect(bench.status).toBe(0x8f);
    expect(bench.broken).toEqual(['virtio-1.4 2.1.1']);
  });

  test('reserved bits are reported and do not stay (§2.1)', () => {
    const { bench } = machine();
    bench.status = 0x31;
    expect(bench.status).toBe(1);
    expect(bench.broken).toEqual(['virtio-1.4 2.1']);
  });

  test('features are final after FEATURES_OK (§3.1.1)', () => {
    const { bench } = machine();
    bench.start();
    bench.accept(VERSION_1 | 1n);
    expect(new Set(bench.broken)).toEqual(new Set(['virtio-1.4 3.1.1']));
    bench.set(0x08, 4, 0);
    expect(bench.get(0x0c, 4)).toBe(0);
  });

  test('0 resets everything and reads 0 (§2.4.1, §4.1.4.3.1)', () => {
    const { bench, echo } = machine();
    bench.set(0x10, 2, 1);
    bench.start();
    bench.status = 0;
    expect(bench.status).toBe(0);
    expect(bench.get(0x10, 2)).toBe(0xffff);
    bench.set(0x16, 2, 0);
    expect([bench.get(0x18, 2), bench.get(0x1c, 2), bench.get(0x20, 4)]).toEqual([16, 0, 0]);
    bench.set(0x08, 4, 1);
    expect(bench.get(0x0c, 4)).toBe(0);
    expect(echo.resets).toBe(2);
  });
});

describe('features (§2.2)', () => {
  test('those of the type, the rings and the transport are offered', () => {
    const { bench } = machine({ accessPlatform: true });
    const all = VERSION_1 | INDIRECT_DESC | EVENT_IDX | RING_RESET | (1n << 33n) | 0b101n;
    expect(bench.features).toBe(all);
    bench.set(0x00, 4, 7);
    expect(bench.get(0x04, 4)).toBe(0);
  });
});

describe('a queue (§4.1.4.3)', () => {
  test('that does not exist has size 0, and cannot be configured', () => {
    const { bench } = machine();
    bench.set(0x16, 2, 2);
    expect([bench.get(0x18, 2), bench.get(0x1a, 2)]).toEqual([0, 0xffff]);
    expect(bench.broken).toEqual([]);
    bench.set(0x1c, 2, 1);
    expect(bench.broken).toEqual(['virtio-1.4 4.1.4.3.2']);
  });

  test('may be of size 0: unavailable', () => {
    const bench = new TestMachine(new Echo([0]));
    bench.start();
    expect(bench.get(0x18, 2)).toBe(0);
    bench.notify(0);
    expect(bench.broken).toEqual(['virtio-1.4 4.1.5.2']);
  });

  test.each([
    [8, 8, []],
    [12, 16, ['virtio-1.4 4.1.4.3.2']],
    [32, 16, ['virtio-1.4 4.1.4.3.2']],
    [0, 16, ['virtio-1.4 4.1.4.3.2']],
  ])('of 16 that is resized to %i has %i', (wanted, size, broken) => {
    const { bench } = machine();
    bench.set(0x18, 2, wanted);
    expect(bench.get(0x18, 2)).toBe(size);
    expect(bench.broken).toEqual(broken);
  });

  test('takes its addresses as halves of 32 bits, and shows them', () => {
    const { bench } = machine();
    for (let offset = 0x20; offset < 0x38; offset += 4) bench.set(offset, 4, offset * 0x01010101);
    for (let offset = 0x20; offset < 0x38; offset += 4) {
      expect(bench.get(offset, 4)).toBe(offset * 0x01010101);
    }
  });

  test('is final once enabled, and is not disabled by 0', () => {
    const { bench } = machine();
    bench.start();
    bench.set(0x16, 2, 1);
    bench.set(0x20, 4, 0);
    bench.set(0x18, 2, 2);
    bench.set(0x1c, 2, 0);
    expect([bench.get(0x18, 2), bench.get(0x1c, 2)]).toEqual([8, 1]);
    expect(bench.get(0x20, 4)).toBe(bench.rings(1).desc);
    expect(bench.broken).toEqual(Array(3).fill('virtio-1.4 4.1.4.3.2'));
  });

  test('is at its own notification address', () => {
    const { bench } = machine();
    for (const queue of [0, 1]) {
      bench.set(0x16, 2, queue);
      expect(bench.get(0x1e, 2)).toBe(queue);
    }
  });

  test('serves what was made available, and says how much it wrote', () => {
    const { bench } = machine();
    bench.start();
    bench.offer([SOUND, 3], 1);
    expect(bench.usedIndex(1)).toBe(1);
    expect(bench.used(1)).toEqual({ id: 0, length: 3 });
    expect([...bench.bytes(1, 4)]).toEqual([0x42, 0x42, 0x42, 0]);
    expect(bench.broken).toEqual([]);
  });
});

describe('a queue reset (§2.6.1)', () => {
  test('exists only when negotiated', () => {
    const { bench } = machine();
    bench.start();
    bench.set(0x16, 2, 0);
    bench.set(0x3a, 2, 1);
    expect(bench.get(0x1c, 2)).toBe(1);
    expect(bench.broken).toEqual(['virtio-1.4 4.1.4.3.2']);
  });

  test('ends what is pending, and the queue can be enabled anew', () => {
    const { bench, echo } = machine();
    echo.delay = 1000;
    bench.start(VERSION_1 | RING_RESET, 8);
    bench.offer([SOUND, 3]);
    bench.set(0x16, 2, 0);
    bench.set(0x3a, 2, 1);
    expect([bench.get(0x3a, 2), bench.get(0x1c, 2), bench.get(0x18, 2)]).toEqual([0, 0, 16]);
    bench.machine.platform.clock.delay(10_000);
    expect([bench.usedIndex(), bench.bytes(1, 1)[0]]).toEqual([0, 0xc5]);
    bench.enable(0);
    bench.offer([SOUND, 3]);
    bench.machine.platform.clock.delay(10_000);
    expect(bench.usedIndex()).toBe(1);
  });
});

describe('a notification (§4.1.5.2)', () => {
  test.each<[string, string, (bench: TestMachine) => void]>([
    [
      'a queue that is not enabled',
      '4.1.5.2',
      (bench) => {
        bench.status = 0;
        bench.notify(0);
      },
    ],
    ['a queue that does not exist', '4.1.5.2', (bench) => bench.notify(2)],
    ['an address of no queue', '4.1.4.4', (bench) => bench.set(0x3002, 2, 0)],
    ['another value than the index', '4.1.5.2.1', (bench) => bench.set(0x3000, 2, 1)],
    ['32 bits', '4.1.5.2.1', (bench) => bench.set(0x3000, 4, 0)],
    ['the ISR status', '4.1.4.5', (bench) => bench.set(0x1000, 1, 1)],
  ])('of %s is reported (§%s)', (_name, section, notify) => {
    const { bench } = machine();
    bench.start();
    notify(bench);
    expect(bench.broken).toEqual([`virtio-1.4 ${section}`]);
  });

  test('before DRIVER_OK is reported, and nothing is consumed (§3.1.1, §2.1.2)', () => {
    const { bench } = machine();
    bench.status = 3;
    bench.accept(VERSION_1);
    bench.status = 0x0b;
    bench.enable(0);
    bench.offer([SOUND, 1]);
    expect(bench.usedIndex()).toBe(0);
    expect(bench.broken).toEqual(['virtio-1.4 3.1.1']);
  });
});

describe('interrupts', () => {
  const of = ({ machine: { bus } }: TestMachine) => bus.interrupts.of('echo');

  test('without MSI-X set the ISR status and the line, and reading clears both (§4.1.4.5)', () => {
    const { bench } = machine();
    bench.start();
    bench.offer([SOUND, 1]);
    expect(of(bench).asserted).toBe(true);
    expect(bench.getConfig(0x06, 2) & 8).toBe(8);
    expect([bench.get(0x1000, 1), bench.get(0x1000, 1)]).toEqual([1, 0]);
    expect(of(bench)).toMatchObject({ asserted: false, assertions: 1 });
  });

  test('a driver that wants none gets none (§2.7.7.2)', () => {
    const { bench } = machine();
    bench.start();
    bench.machine.platform.ram.writeUint16(bench.rings(0).driver, 1);
    bench.offer([SOUND, 1]);
    expect([bench.get(0x1000, 1), of(bench).assertions]).toEqual([0, 0]);
  });

  test('with MSI-X go to the vector of the queue, and need one (§4.1.5.3)', () => {
    const { bench, echo } = machine();
    const { mmio } = bench.machine.platform;
    for (const vector of [0, 1]) {
      mmio.write32(bench.msix + 16 * vector, 0xfee0_0000);
      mmio.write32(bench.msix + 16 * vector + 8, 0x40 + vector);
      mmio.write32(bench.msix + 16 * vector + 12, 0);
    }
    bench.setConfig(0x9a, 2, 0x8000);
    bench.start();
    bench.offer([SOUND, 1]);
    expect(of(bench).messages).toBe(0);
    bench.set(0x16, 2, 0);
    bench.set(0x1a, 2, 1);
    bench.set(0x10, 2, 0);
    bench.offer([SOUND, 1]);
    expect(of(bench)).toMatchObject({ messages: 1, lastData: 0x41, assertions: 0 });
    echo.host?.configChanged();
    expect(of(bench)).toMatchObject({ messages: 2, lastData: 0x40, assertions: 0 });
    expect(bench.get(0x1000, 1)).toBe(2);
  });

  test('a vector outside the table maps to none (§4.1.5.1.2.1)', () => {
    const { bench } = machine();
    bench.set(0x10, 2, 3);
    bench.set(0x1a, 2, 0x7ff);
    expect([bench.get(0x10, 2), bench.get(0x1a, 2)]).toEqual([0xffff, 0xffff]);
    bench.set(0x10, 2, 0xffff);
    expect(bench.broken).toEqual(Array(2).fill('virtio-1.4 4.1.5.1.2.2'));
  });
});

describe('the device configuration (§2.5)', () => {
  test('is read with any width, before FEATURES_OK too (§2.5.2)', () => {
    const { bench } = machine();
    expect([bench.get(0x2000, 1), bench.get(0x2002, 2), bench.get(0x2004, 4)]).toEqual([
      1, 0x0403, 0x08070605,
    ]);
    expect(bench.broken).toEqual([]);
  });

  test('ends where the device says: beyond is all-ones (§2.5.1)', () => {
    const { bench } = machine();
    expect([bench.get(0x2008, 1), bench.get(0x2008, 4)]).toEqual([0xff, 0xffff_ffff]);
    expect(bench.broken).toEqual(Array(2).fill('virtio-1.4 2.5.1'));
  });

  test('changes its generation when it was read after a change (§4.1.4.3.1)', () => {
    const { bench, echo } = machine();
    const before = bench.get(0x15, 1);
    bench.get(0x2000, 4);
    expect(bench.get(0x15, 1)).toBe(before);
    echo.host?.configChanged();
    bench.get(0x2000, 4);
    expect(bench.get(0x15, 1)).not.toBe(before);
  });

  test('notifies of a change from DRIVER_OK on, and not before (§3.2.1, §2.4.1)', () => {
    const { bench, echo } = machine();
    echo.host?.configChanged();
    expect(bench.get(0x1000, 1)).toBe(0);
    bench.start();
    echo.host?.configChanged();
    expect(bench.get(0x1000, 1)).toBe(2);
  });

  test('is not written before FEATURES_OK (§3.1.1)', () => {
    const { bench } = machine();
    bench.set(0x2000, 1, 9);
    expect(bench.broken).toEqual(['virtio-1.4 3.1.1']);
    bench.start();
    bench.set(0x2001, 1, 9);
    expect(bench.get(0x2001, 1)).toBe(9);
  });
});

describe('registers', () => {
  test('of the wrong width are reported (§4.1.3.1)', () => {
    const { bench } = machine();
    bench.get(0x18, 4);
    bench.set(0x16, 1, 1);
    bench.get(0x15, 1);
    bench.get(0x01, 1);
    bench.get(0x40, 2);
    expect(bench.broken).toEqual(Array(4).fill('virtio-1.4 4.1.3.1'));
  });

  test.each([0x04, 0x12, 0x15, 0x1e])('the one at %i is read-only (§4.1.4.3.2)', (offset) => {
    const { bench } = machine();
    const width = ({ 4: 4, 0x15: 1 } as Record<number, Width>)[offset] ?? 2;
    bench.set(offset, width, 0xff);
    expect(bench.broken).toEqual(['virtio-1.4 4.1.4.3.2']);
  });
});

describe('the window in configuration space (§4.1.4.9)', () => {
  function aim(bench: TestMachine, bar: number, offset: number, length: number): void {
    bench.setConfig(0x84 + 4, 1, bar);
    bench.setConfig(0x84 + 8, 4, offset);
    bench.setConfig(0x84 + 12, 4, length);
  }

  test('reaches the structures without a BAR being mapped', () => {
    const { bench } = machine();
    bench.setConfig(0x04, 2, 0);
    aim(bench, 4, 0x14, 1);
    bench.setConfig(0x94, 1, 3);
    expect(bench.getConfig(0x94, 1)).toBe(3);
    aim(bench, 4, 0x2004, 4);
    expect(bench.getConfig(0x94, 4)).toBe(0x08070605);
    expect(bench.broken).toEqual([]);
  });

  test.each([
    [0, 0, 4],
    [4, 0, 3],
    [4, 2, 4],
    [4, 0x4000, 4],
    [4, 0, 0],
  ])('aimed at BAR%i offset %i length %i is reported (§4.1.4.9.2)', (bar, offset, length) => {
    const { bench } = machine();
    aim(bench, bar, offset, length);
    expect(bench.getConfig(0x94, 4)).toBe(0);
    bench.setConfig(0x94, 4, 1);
    expect(bench.broken).toEqual(Array(2).fill('virtio-1.4 4.1.4.9.2'));
  });
});

describe('a device that needs a reset (§2.1.2)', () => {
  test('says so, notifies, and does nothing more until it is reset', () => {
    const { bench, echo } = machine();
    bench.start();
    echo.mode = 'break';
    bench.offer([SOUND, 1]);
    expect([bench.status, bench.usedIndex(), bench.get(0x1000, 1)]).toEqual([0x4f, 0, 2]);
    echo.mode = 'answer';
    bench.notify(0);
    expect(bench.usedIndex()).toBe(0);
    bench.start();
    bench.offer([SOUND, 1]);
    expect(bench.usedIndex()).toBe(1);
  });

  test('does so when the ring is broken, and when it may not be bus master', () => {
    const { bench } = machine();
    bench.start();
    bench.machine.platform.ram.writeUint16(bench.rings(0).driver + 2, 1000);
    bench.notify(0);
    expect(bench.status).toBe(0x4f);
    expect(bench.broken).toEqual(['virtio-1.4 2.7.6.1']);
    bench.start();
    bench.setConfig(0x04, 2, 2);
    bench.offer([SOUND, 1]);
    expect(bench.status).toBe(0x4f);
    expect(bench.broken.slice(1)).toEqual(['PCI-3.0 6.2.2', 'virtio-1.4 2.7']);
  });
});

test('a reset of the function resets the device', () => {
  const { bench, echo } = machine();
  echo.delay = 1000;
  bench.start();
  bench.offer([SOUND, 2]);
  expect(bench.function.deviceStatus).toBe(0x0f);
  bench.function.reset();
  bench.machine.platform.clock.delay(5000);
  expect([bench.function.deviceStatus, bench.usedIndex()]).toEqual([0, 0]);
  expect(bench.getConfig(0x04, 2)).toBe(0);
});

test('a device that lies writes what it is told into the used ring', () => {
  const { bench } = machine({ usedElement: ({ length }) => ({ id: 0x1234, length: length * 2 }) });
  bench.start();
  bench.offer([SOUND, 2]);
  expect(bench.used()).toEqual({ id: 0x1234, length: 4 });
});

test('a driver that breaks a rule for ever does not flood the report', () => {
  const { bench } = machine();
  for (let round = 0; round < 2000; round++) bench.notify(0);
  expect(bench.broken).toHaveLength(1000);
});

describe('a chain that is answered later', () => {
  test('is answered once, in its time', () => {
    const { bench, echo } = machine();
    echo.delay = 5000;
    bench.start();
    bench.offer([SOUND, 2]);
    expect(bench.usedIndex()).toBe(0);
    bench.machine.platform.clock.delay(6000);
    expect([bench.usedIndex(), bench.used().length]).toEqual([1, 2]);
  });

  test('may be completed by the model, whenever it likes', () => {
    const { bench, echo } = machine();
    echo.mode = 'keep';
    bench.start();
    bench.offer([SOUND, 2]);
    bench.offer([SOUND, 2], 0, 2);
    const [first, second] = echo.pending;
    const event = echo.host?.schedule(bench.machine.bus.now() + 1000, () => {
      if (second !== undefined) echo.host?.complete(0, second, second.writeBytes(0, SOUND));
    });
    const other = echo.host?.schedule(bench.machine.bus.now() + 1000, () => {
      if (first !== undefined) echo.host?.complete(0, first, 0);
    });
    if (other !== undefined) echo.host?.cancel(other);
    bench.machine.platform.clock.delay(5000);
    expect(event).toBeDefined();
    expect([bench.usedIndex(), bench.used()]).toEqual([1, { id: 2, length: 1 }]);
    if (second !== undefined) echo.host?.complete(0, second, 1);
    expect(bench.usedIndex()).toBe(1);
  });

  test('is not answered when the device may no longer be bus master', () => {
    const { bench, echo } = machine();
    echo.delay = 5000;
    bench.start();
    bench.offer([SOUND, 2]);
    bench.setConfig(0x04, 2, 2);
    bench.machine.platform.clock.delay(10_000);
    expect([bench.usedIndex(), bench.bytes(1, 1)[0], bench.status]).toEqual([0, 0xc5, 0x4f]);
    expect(bench.broken).toEqual(['PCI-3.0 6.2.2', 'virtio-1.4 2.7']);
  });

  test('touches nothing after a reset, whether the model remembers or not (§2.4.1)', () => {
    const { bench, echo } = machine();
    echo.mode = 'keep';
    bench.start();
    bench.offer([SOUND, 2]);
    bench.status = 0;
    const [chain] = echo.pending;
    chain?.writeUint8(0, 0x99);
    if (chain !== undefined) echo.host?.complete(0, chain, 1);
    expect([bench.usedIndex(), bench.bytes(1, 1)[0]]).toEqual([0, 0xc5]);
  });

  test('is described with its queue in the report of a boot that does not end', () => {
    const { bench, echo } = machine();
    echo.mode = 'keep';
    bench.start();
    bench.offer([SOUND, 2]);
    bench.machine.platform.ram.writeUint16(bench.rings(1).driver + 2, 3);
    bench.machine.setBudget({ accesses: 1 });
    let details: unknown;
    try {
      bench.notify(0);
    } catch (signal) {
      details = signal;
    }
    expect(details).toMatchObject({
      kind: 'budget-spent',
      details: {
        report: expect.stringMatching(
          [
            'echo: status 0x0f',
            ' {2}queue 0 of 16: 1 made available, 1 taken, 0 used, last notified at [\\d.]+ ms, 1 in work',
            ' {2}queue 1 of 8: 3 made available, 0 taken, 0 used, never notified, 3 made available without notification',
          ].join('\n'),
        ),
      },
    });
  });
});

test('tracing shows what happened, in QEMU’s words', () => {
  const names: string[] = [];
  const { bench } = machine({ trace: (name) => names.push(name) });
  bench.start();
  names.length = 0;
  bench.offer([SOUND, 2]);
  expect(names.filter((name) => name.startsWith('virt'))).toEqual([
    'virtio_queue_notify',
    'virtqueue_pop',
    'virtqueue_push',
    'virtio_notify',
  ]);
});

test('whatever a driver does to the registers, nothing throws, hangs, or leaves the RAM it may use', () => {
  const access = fc.record({
    where: fc.oneof(fc.nat(0x3f), fc.nat(0x3fff), fc.constantFrom(0x3000, 0x3004, 0x14, 0x1c)),
    width: fc.constantFrom<Width>(1, 2, 4),
    value: fc.oneof(fc.nat(64), fc.nat(0xffffffff), fc.constantFrom(0x100000, 0x200000, 1, 0x0f)),
    write: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(access, { maxLength: 60 }), fc.boolean(), (accesses, started) => {
      const { bench } = machine();
      if (started) bench.start(VERSION_1 | RING_RESET);
      for (const { where, width, value, write } of accesses) {
        if (write) bench.set(where, width, value);
        else bench.get(where, width);
      }
      bench.status = 0;
      expect([bench.status, bench.marginsIntact]).toEqual([0, true]);
    }),
    { numRuns: 200 },
  );
}, 30_000);
