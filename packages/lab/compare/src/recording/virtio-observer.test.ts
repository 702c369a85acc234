import * as fc from 'fast-check';
import { Cycles, GuestRam, LocalRam } from '@dxelab/platform';
import { describe, expect, test } from 'vitest';
import { DeviceLog } from './device-log.ts';
import type { StructureName } from './registers.ts';
import { registerAt } from './registers.ts';
import { VirtioObserver } from './virtio-observer.ts';

/** A device over some transport, and a driver that writes its registers. */
class Driver {
  readonly log = new DeviceLog('virtio-blk 02.0');
  readonly ram: GuestRam;
  readonly #observer: VirtioObserver;
  readonly #structure: StructureName;
  /** What a watcher of queues was told. */
  readonly told: string[] = [];

  constructor(structure: StructureName) {
    const bytes = new Uint8Array(0x20000);
    this.ram = new GuestRam(new Cycles(() => {}), new LocalRam([{ base: 0, bytes }]));
    this.#observer = new VirtioObserver(this.log, this.ram, {
      queueSetUp: (device, queue, { packed, features, size }) => {
        const format = packed ? 'packed' : 'split';
        this.told.push(`${device} ${queue}: ${format} ${size}, bits ${features.toString(16)}`);
      },
      queueNotified: (device, queue) => this.told.push(`${device} ${queue}: notified`),
      queueTakenBack: (device, queue) => this.told.push(`${device} ${queue}: taken back`),
    });
    this.#structure = structure;
  }

  write(offset: number, value: number | bigint, width = 4, structure = this.#structure): this {
    return this.#access(offset, value, width, structure, true);
  }

  read(offset: number, value: number, width = 4): this {
    return this.#access(offset, value, width, this.#structure, false);
  }

  /** Notifies as if nothing had to be written for it. */
  notify(): this {
    return this.write(0, 0, 2, 'notify');
  }

  /** Makes the first descriptor of a ring available. */
  makeAvailable(driverArea: number): this {
    this.ram.writeUint16(driverArea + 2, this.ram.readUint16(driverArea + 2) + 1);
    return this;
  }

  get lines(): readonly string[] {
    return this.log.events.map(({ subject, facts }) => `${subject}: ${facts[0]?.text}`);
  }

  get rings(): readonly (string | undefined)[] {
    return this.log.events.filter(({ name }) => name === 'ring').map(({ facts }) => facts[0]?.text);
  }

  get requests(): number {
    return this.log.events.filter(({ kind }) => kind === 'request').length;
  }

  #access(
    offset: number,
    value: number | bigint,
    width: number,
    structure: StructureName,
    write: boolean,
  ): this {
    const place = registerAt(structure, offset, structure === 'legacy' ? 0x14 : undefined);
    this.#observer.access({ place, write, width, value });
    return this;
  }
}

/** A driver of a modern device on PCI that has set up a queue of 8 at 0x1000, 0x2000 and 0x3000. */
function modernDriver(): Driver {
  const driver = new Driver('common').write(0x16, 0, 2).read(0x18, 8, 2);
  for (const [at, address] of [
    [0x20, 0x1000],
    [0x28, 0x2000],
    [0x30, 0x3000],
  ] as const) {
    driver.write(at, address).write(at + 4, 0);
  }
  return driver;
}

const RING = 'size 8, driver +0x1000, device +0x2000';

describe('a queue is known by what the driver writes, over', () => {
  test('PCI (virtio §4.1.5.1.3)', () => {
    expect(modernDriver().write(0x1c, 1, 2).rings).toEqual([RING]);
  });

  test('PCI, with addresses in one piece', () => {
    const driver = new Driver('common').read(0x18, 8, 2);
    driver.write(0x20, 0x1000n, 8).write(0x28, 0x2000n, 8).write(0x30, 0x3000n, 8);
    expect(driver.write(0x1c, 1, 2).rings).toEqual([RING]);
  });

  test('MMIO (virtio §4.2.3.2)', () => {
    const driver = new Driver('mmio').write(0x030, 0).write(0x038, 8);
    for (const [at, address] of [
      [0x080, 0x1000],
      [0x090, 0x2000],
      [0x0a0, 0x3000],
    ] as const) {
      driver.write(at, address).write(at + 4, 0);
    }
    expect(driver.write(0x044, 1).rings).toEqual([RING]);
  });

  test('legacy PCI, where one page says it all (virtio §2.7.2)', () => {
    const driver = new Driver('legacy').write(0x0e, 0, 2).read(0x0c, 8, 2).write(0x08, 1);
    expect(driver.rings).toEqual(['size 8, driver +0x80, device +0x1000']);
  });

  test('legacy MMIO, with the page size and the alignment of the driver (virtio §4.2.4)', () => {
    const driver = new Driver('mmio').write(0x028, 0x1000).write(0x030, 0);
    driver.write(0x038, 8).write(0x03c, 0x40).write(0x040, 1);
    expect(driver.rings).toEqual(['size 8, driver +0x80, device +0xc0']);
  });
});

test('a request is written down before the notification', () => {
  const driver = modernDriver().write(0x1c, 1, 2).makeAvailable(0x2000).notify();
  expect(driver.lines.slice(-2)).toEqual([
    'request on queue 0: 0 to read',
    'write notify (2): 0x0000',
  ]);
});

test('what the driver has not set up, or taken back, is not looked into', () => {
  const driver = modernDriver().makeAvailable(0x2000).notify();
  expect(driver.requests).toBe(0);
  driver.write(0x1c, 1, 2).notify();
  expect(driver.requests).toBe(1);
  driver.write(0x14, 0, 1).makeAvailable(0x2000).notify();
  expect(driver.requests).toBe(1);
});

test('what a reset takes away is seen for the last time', () => {
  const driver = modernDriver().write(0x1c, 1, 2).makeAvailable(0x2000).write(0x14, 0, 1);
  expect(driver.requests).toBe(1);
});

test('a packed ring is one by the features that were accepted (virtio §2.8)', () => {
  const driver = modernDriver().write(0x08, 1).write(0x0c, 0b101).write(0x1c, 1, 2);
  expect(driver.rings).toEqual(['packed, size 8, driver +0x1000, device +0x2000']);
  // an available ring is no list of descriptors
  expect(driver.makeAvailable(0x2000).notify().requests).toBe(0);
});

test('feature bits stand in their place among all, and addresses for themselves', () => {
  const driver = new Driver('common').write(0x00, 1).read(0x04, 0b11).write(0x08, 0);
  driver.write(0x0c, 0x80000001).write(0x20, 0x1234);
  expect(driver.lines).toEqual([
    'write common.deviceFeatureSelect (4): 0x00000001',
    'read  common.deviceFeature (4): offered bits 32 33',
    'write common.driverFeatureSelect (4): 0x00000000',
    'write common.driverFeature (4): accepted bits 0 31',
    'write common.queueDesc (4): (address)',
  ]);
});

describe('a watcher is told of queues', () => {
  test('that are set up, notified, and taken back by a reset of the device', () => {
    const driver = modernDriver().write(0x1c, 1, 2).notify().write(0x14, 0, 1);
    expect(driver.told).toEqual([
      'virtio-blk 02.0 0: split 8, bits 0',
      'virtio-blk 02.0 0: notified',
      'virtio-blk 02.0 0: taken back',
    ]);
  });

  test('that are packed, with all features that were accepted (virtio §2.8)', () => {
    const driver = new Driver('common').write(0x08, 0).write(0x0c, 0x200).write(0x08, 1);
    driver.write(0x0c, 5).write(0x16, 2, 2).write(0x18, 5, 2).write(0x20, 0x1000, 8);
    expect(driver.write(0x1c, 1, 2).told).toEqual(['virtio-blk 02.0 2: packed 5, bits 500000200']);
    expect(driver.rings).toEqual(['packed, size 5, driver -0x1000, device -0x1000']);
  });

  test('that are notified with data (virtio §2.9)', () => {
    expect(modernDriver().write(0, 0x8003_0002, 4, 'notify').told).toEqual([
      'virtio-blk 02.0 2: notified',
    ]);
  });

  test('that are reset alone, or taken back by their legacy page (virtio §2.6.1, §4.2.4)', () => {
    const driver = modernDriver().write(0x1c, 1, 2).write(0x3a, 1, 2).write(0x14, 0, 1);
    expect(driver.told.slice(1)).toEqual(['virtio-blk 02.0 0: taken back']);
    const legacy = new Driver('legacy').read(0x0c, 8, 2).write(0x08, 1).write(0x08, 0);
    expect(legacy.told).toEqual([
      'virtio-blk 02.0 0: split 8, bits 0',
      'virtio-blk 02.0 0: taken back',
    ]);
  });
});

describe('whatever a driver writes', () => {
  test('a ring where no RAM is has nothing in it', () => {
    const driver = modernDriver().write(0x2c, 0x7fff).write(0x1c, 1, 2).notify().write(0x14, 0, 1);
    expect(driver.requests).toBe(0);
  });

  test('features that nobody can have are values', () => {
    const driver = new Driver('common').write(0x00, 0xffff_ffff).read(0x04, 1);
    expect(driver.lines[1]).toBe('read  common.deviceFeature (4): 0x00000001');
  });

  test('any registers, with any values', () => {
    const access = fc.tuple(
      fc.constantFrom<StructureName>('common', 'legacy', 'mmio', 'notify', 'isr', 'config'),
      fc.nat(0x120),
      fc.oneof(fc.constantFrom(0, 1, 8, 0x1000), fc.nat(0xffff_ffff)),
      fc.constantFrom(1, 2, 4, 8),
    );
    fc.assert(
      fc.property(fc.array(access, { maxLength: 60 }), (accesses) => {
        const driver = new Driver('common');
        for (const [structure, offset, value, width] of accesses) {
          driver.write(offset, width === 8 ? BigInt(value) : value, width, structure);
        }
        expect(driver.log.events.length).toBeGreaterThanOrEqual(accesses.length === 0 ? 0 : 1);
      }),
    );
  });
});
