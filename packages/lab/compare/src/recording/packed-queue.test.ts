import * as fc from 'fast-check';
import { Cycles, GuestRam, LocalRam } from '@dxelab/platform';
import { VIRTIO_F_IN_ORDER } from '@dxelab/virtio';
import { describe, expect, test } from 'vitest';
import { DeviceLog } from './device-log.ts';
import { QueueObserver } from './queue-observer.ts';

const SIZE = 5;
const RAM_SIZE = 0x10000;
const [DESCRIPTORS, DRIVER, DEVICE, DATA] = [0x1000, 0x2000, 0x3000, 0x4000];
const [NEXT, WRITE, INDIRECT, AVAIL, USED] = [1, 2, 4, 0x80, 0x8000];

/** A packed queue of five descriptors in RAM, and what is written down of it. */
class PackedWorld {
  readonly bytes = new Uint8Array(RAM_SIZE);
  readonly ram: GuestRam;
  readonly log = new DeviceLog('virtio-rng mmio 23');
  readonly observer: QueueObserver;
  /** Where each side goes on: descriptors from the beginning, so that laps can be told. */
  #available = 0;
  #used = 0;

  constructor(features = 0n) {
    const storage = new LocalRam([{ base: 0, bytes: this.bytes }]);
    this.ram = new GuestRam(new Cycles(() => {}), storage);
    const addresses = { descriptors: DESCRIPTORS, driver: DRIVER, device: DEVICE, size: SIZE };
    const published = { ...addresses, packed: true, features };
    this.observer = new QueueObserver(0, published, this.log, this.ram);
  }

  get lines(): readonly string[] {
    return this.log.events.slice(1).map(({ subject, facts }) => {
      const texts = facts.map(({ text }) => text);
      return [subject, ...texts].join(' | ');
    });
  }

  /** Makes a list available: each buffer is `length, flags`; its bytes lie where its number says. */
  list(id: number, ...buffers: (readonly [number, number])[]): this {
    for (const [index, [length, flags]] of buffers.entries()) {
      const more = index + 1 < buffers.length ? NEXT : 0;
      const lap = Math.floor(this.#available / SIZE) % 2 === 0 ? AVAIL : USED;
      this.describe(this.#available++ % SIZE, length, id, flags | more | lap);
    }
    return this;
  }

  describe(at: number, length: number, id: number, flags: number): void {
    const descriptor = DESCRIPTORS + at * 16;
    this.ram.writeUint64(descriptor, DATA + at * 0x100);
    this.ram.writeUint32(descriptor + 8, length);
    this.ram.writeUint16(descriptor + 12, id);
    this.ram.writeUint16(descriptor + 14, flags);
  }

  /** Uses a list, or a batch of them. @param slots how many descriptors it had */
  use(id: number, length: number, slots: number): this {
    const descriptor = DESCRIPTORS + (this.#used % SIZE) * 16;
    const both = Math.floor(this.#used / SIZE) % 2 === 0 ? AVAIL | USED : 0;
    this.ram.writeUint32(descriptor + 8, length);
    this.ram.writeUint16(descriptor + 12, id);
    this.ram.writeUint16(descriptor + 14, both | WRITE);
    this.#used += slots;
    return this;
  }
}

describe('a packed queue (virtio §2.8)', () => {
  test('says that it is one', () => {
    const [setUp] = new PackedWorld().log.events;
    expect(setUp?.facts[0]?.text).toBe('packed, size 5, driver +0x1000, device +0x2000');
  });

  test('a request has its descriptors and what is to be read, its answer what was written', () => {
    const world = new PackedWorld().list(7, [2, 0], [4, WRITE]);
    world.ram.writeUint16(DATA, 0xbbaa);
    world.observer.look();
    world.ram.writeUint32(DATA + 0x100, 0x44332211);
    world.use(7, 3, 2).observer.look();
    world.observer.look();
    expect(world.lines).toEqual([
      'request on queue 0 | 2 to read, 4 to write | aabb',
      'answer on queue 0 | 3 | 112233',
    ]);
  });

  test('what was looked at is known when the device has written over it', () => {
    const world = new PackedWorld().list(0, [4, 0], [1, WRITE]);
    world.observer.lookAtAvailable();
    world.use(0, 1, 2).observer.look();
    expect(world.lines).toEqual([
      'request on queue 0 | 4 to read, 1 to write | 00000000',
      'answer on queue 0 | 1 | 00',
    ]);
  });

  test('goes round: each side at its time, lists across the end, and out of order', () => {
    const world = new PackedWorld();
    for (let round = 0; round < 50; round++) {
      world.list(1, [1, WRITE], [2, WRITE]).list(2, [3, WRITE]).observer.look();
      world.use(2, 3, 1).use(1, 3, 2).observer.look();
    }
    expect(world.lines).toHaveLength(200);
    expect(new Set(world.lines)).toEqual(
      new Set([
        'request on queue 0 | 1 to write, 2 to write',
        'request on queue 0 | 3 to write',
        'answer on queue 0 | 3 | 000000',
        'answer on queue 0 | 3 | 00 | 0000',
      ]),
    );
  });

  test('a driver polls where it is used next, and nowhere else', () => {
    const world = new PackedWorld();
    const polled = (): readonly number[] =>
      [0, 1, 2, 3, 4].filter((at) => world.observer.isPolled(DESCRIPTORS + at * 16 + 14, 2));
    expect(polled()).toEqual([0]);
    expect(world.observer.isPolled(DESCRIPTORS, 14)).toBe(false);
    world.list(0, [1, WRITE], [1, WRITE], [1, WRITE]).observer.look();
    world.use(0, 3, 3).observer.look();
    expect(polled()).toEqual([3]);
  });

  test('one used descriptor stands for a batch in order; what it skips is used in full (§2.8.9)', () => {
    const world = new PackedWorld(VIRTIO_F_IN_ORDER);
    world.list(0, [2, WRITE]).list(1, [4, WRITE]).list(2, [1, WRITE]).observer.look();
    world.use(1, 3, 2).observer.look();
    world.use(2, 1, 1).observer.look();
    expect(world.lines.slice(3)).toEqual([
      'answer on queue 0 | 2 | 0000',
      'answer on queue 0 | 3 | 000000',
      'answer on queue 0 | 1 | 00',
    ]);
  });

  test('a table of its own is followed, without NEXT (virtio §2.8.7)', () => {
    const world = new PackedWorld().list(3, [32, INDIRECT]);
    for (const [index, length, flags] of [
      [0, 5, 0],
      [1, 6, WRITE],
    ] as const) {
      world.ram.writeUint64(DATA + index * 16, DATA + 0x800);
      world.ram.writeUint32(DATA + index * 16 + 8, length);
      world.ram.writeUint16(DATA + index * 16 + 14, flags);
    }
    world.observer.look();
    world.use(3, 0, 1).observer.look();
    expect(world.lines[0]).toBe('request on queue 0 | 5 to read, 6 to write | 0000000000');
    expect(world.lines).toHaveLength(2);
  });

  test('an id that nobody has is an answer to nothing', () => {
    const world = new PackedWorld().list(0, [1, WRITE]);
    world.observer.look();
    world.use(9, 1, 1).observer.look();
    expect(world.lines.at(-1)).toBe('answer to nothing on queue 0 | 1');
  });

  test('whatever is in RAM, looking comes to an end and writes down no more than a ring holds', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), fc.nat(), (noise, seed) => {
        const world = new PackedWorld();
        for (let at = 0; at < RAM_SIZE; at++) {
          world.bytes[at] = noise[(at * 7 + (at >>> 6) + seed) % 64] ?? 0;
        }
        world.observer.look();
        world.observer.look();
        expect(world.log.events.length).toBeLessThanOrEqual(1 + 4 * SIZE);
      }),
      { numRuns: 50 },
    );
  });
});
