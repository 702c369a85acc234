import * as fc from 'fast-check';
import { Cycles, GuestRam, LocalRam } from '@dxelab/platform';
import { VIRTIO_F_IN_ORDER } from '@dxelab/virtio';
import { describe, expect, test } from 'vitest';
import { bytesText } from './guest-bytes.ts';
import { DeviceLog } from './device-log.ts';
import { QueueObserver } from './queue-observer.ts';

const SIZE = 4;
const RAM_SIZE = 0x10000;
const [DESCRIPTORS, DRIVER, DEVICE, DATA] = [0x1000, 0x2000, 0x3000, 0x4000];

/** A queue of four descriptors in RAM, and what is written down of it. */
function queue(features = 0n) {
  const bytes = new Uint8Array(RAM_SIZE);
  const ram = new GuestRam(new Cycles(() => {}), new LocalRam([{ base: 0, bytes }]));
  const log = new DeviceLog('virtio-rng mmio 23');
  const addresses = { descriptors: DESCRIPTORS, driver: DRIVER, device: DEVICE, size: SIZE };
  const published = { ...addresses, packed: false, features };
  const observer = new QueueObserver(0, published, log, ram);
  const lines = (): readonly string[] =>
    log.events.slice(1).map(({ subject, facts }) => {
      const texts = facts.map(({ text }) => text);
      return [subject, ...texts].join(' | ');
    });
  return { bytes, ram, log, observer, lines };
}

type World = ReturnType<typeof queue>;

/** Puts a descriptor into the table (virtio §2.7.5). */
function describeAt({ ram }: World, index: number, length: number, flags: number, next = 0): void {
  const at = DESCRIPTORS + index * 16;
  ram.writeUint64(at, DATA + index * 0x100);
  ram.writeUint32(at + 8, length);
  ram.writeUint16(at + 12, flags);
  ram.writeUint16(at + 14, next);
}

function makeAvailable({ ram }: World, index: number, head: number): void {
  ram.writeUint16(DRIVER + 4 + (index % SIZE) * 2, head);
  ram.writeUint16(DRIVER + 2, (index + 1) & 0xffff);
}

function use({ ram }: World, index: number, id: number, length: number): void {
  const at = DEVICE + 4 + (index % SIZE) * 8;
  ram.writeUint32(at, id);
  ram.writeUint32(at + 4, length);
  ram.writeUint16(DEVICE + 2, (index + 1) & 0xffff);
}

describe('a queue (virtio §2.7)', () => {
  test('tells how its parts lie to each other, and not where', () => {
    const [setUp] = queue().log.events;
    expect(setUp).toMatchObject({ kind: 'register', name: 'ring', subject: 'queue 0 is set up' });
    expect(setUp?.facts[0]?.text).toBe('size 4, driver +0x1000, device +0x2000');
  });

  test('a request has its descriptors and what is to be read, its answer what was written', () => {
    const world = queue();
    describeAt(world, 2, 2, 1, 0);
    describeAt(world, 0, 4, 2);
    world.ram.writeUint16(DATA + 0x200, 0xbbaa);
    makeAvailable(world, 0, 2);
    world.observer.look();
    world.ram.writeUint32(DATA, 0x44332211);
    use(world, 0, 2, 3);
    world.observer.look();
    world.observer.look();
    expect(world.lines()).toEqual([
      'request on queue 0 | 2 to read, 4 to write | aabb',
      'answer on queue 0 | 3 | 112233',
    ]);
  });

  test('an answer counts when the driver looks for it, not when it comes', () => {
    const world = queue();
    describeAt(world, 0, 1, 2);
    makeAvailable(world, 0, 0);
    use(world, 0, 0, 1);
    world.observer.lookAtAvailable();
    expect(world.lines()).toEqual(['request on queue 0 | 1 to write']);
    world.observer.look();
    expect(world.lines()[1]).toBe('answer on queue 0 | 1 | 00');
  });

  test('indices go round at 2^16', () => {
    const world = queue();
    describeAt(world, 1, 1, 2);
    for (let index = 0; index < 0x10002; index++) {
      makeAvailable(world, index & 0xffff, 1);
      use(world, index & 0xffff, 1, 1);
      world.observer.look();
    }
    expect(world.log.events).toHaveLength(1 + 2 * 0x10002);
  });

  test('a table of its own is followed (virtio §2.7.5.3)', () => {
    const world = queue();
    describeAt(world, 0, 32, 4);
    const table = DATA;
    for (const [index, length, flags] of [
      [0, 5, 1],
      [1, 6, 2],
    ] as const) {
      world.ram.writeUint64(table + index * 16, DATA + 0x800);
      world.ram.writeUint32(table + index * 16 + 8, length);
      world.ram.writeUint16(table + index * 16 + 12, flags);
      world.ram.writeUint16(table + index * 16 + 14, 1);
    }
    makeAvailable(world, 0, 0);
    world.observer.look();
    expect(world.lines()).toEqual(['request on queue 0 | 5 to read, 6 to write | 0000000000']);
  });

  test('one used element stands for a batch in order; what it skips is used in full (§2.7.9)', () => {
    const world = queue(VIRTIO_F_IN_ORDER);
    for (const index of [0, 1, 2]) {
      describeAt(world, index, 2 + index, 2);
      makeAvailable(world, index, index);
    }
    world.observer.look();
    use(world, 0, 1, 1);
    world.ram.writeUint16(DEVICE + 2, 2);
    world.observer.look();
    use(world, 2, 2, 4);
    world.observer.look();
    expect(world.lines().slice(3)).toEqual([
      'answer on queue 0 | 2 | 0000',
      'answer on queue 0 | 1 | 00',
      'answer on queue 0 | 4 | 00000000',
    ]);
  });

  test('an answer to nothing is written down as such', () => {
    const world = queue();
    use(world, 0, 3, 9);
    world.observer.look();
    expect(world.lines()).toEqual(['answer to nothing on queue 0 | 9']);
  });

  test('a buffer outside RAM is said to be one', () => {
    const world = queue();
    world.ram.writeUint64(DESCRIPTORS, 2 ** 40);
    world.ram.writeUint32(DESCRIPTORS + 8, 16);
    makeAvailable(world, 0, 0);
    world.observer.look();
    expect(world.lines()).toEqual([
      'request on queue 0 | 16 to read | 16 bytes that are not in RAM',
    ]);
  });

  test('whatever is in RAM, looking comes to an end and writes down no more than a ring holds', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), fc.nat(), (noise, seed) => {
        const world = queue();
        for (let at = 0; at < RAM_SIZE; at++) {
          world.bytes[at] = noise[(at * 7 + (at >>> 6) + seed) % 64] ?? 0;
        }
        world.observer.look();
        expect(world.log.events.length).toBeLessThanOrEqual(1 + 2 * SIZE);
      }),
      { numRuns: 50 },
    );
  });
});

describe('bytes', () => {
  test('of up to 64 are shown, of more the first ones and a hash', () => {
    const { ram } = queue();
    ram.fill(DATA, 65, 0xab);
    expect(bytesText(ram, { address: DATA, length: 64 })).toBe('ab'.repeat(64));
    expect(bytesText(ram, { address: DATA, length: 65 })).toMatch(
      /^(?:ab){16}… of 65 bytes, SHA-256 [\da-f]{16}…$/,
    );
  });

  test('that differ have other texts, wherever they do', () => {
    const { ram } = queue();
    const range = { address: DATA, length: 4096 };
    const before = bytesText(ram, range);
    ram.writeUint8(DATA + 4095, 1);
    expect(bytesText(ram, range)).not.toBe(before);
  });
});
