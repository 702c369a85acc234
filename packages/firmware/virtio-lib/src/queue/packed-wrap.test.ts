import { VIRTIO_F_EVENT_IDX, VIRTIO_F_RING_PACKED } from '@dxelab/virtio';
import { describe, expect, test } from 'vitest';
import { needPackedEvent } from './need-event.ts';
import { must, QueueWorld } from './queue-world.fixture.ts';

const AVAIL = 1 << 7;
const USED = 1 << 15;
const NEXT = 1;
const WRITE = 2;

/** 1 to 512, and around each power of two up to the largest packed ring: the review of 2018 found `>`. */
const SIZES = [
  ...Array.from({ length: 512 }, (_, at) => at + 1),
  ...[1024, 2048, 4096, 8192, 16_384].flatMap((size) => [size - 1, size, size + 1]),
  32_767,
  32_768,
];
const BLOCKS = SIZES.filter((_, at) => at % 64 === 0).map((first, at) => ({
  first,
  sizes: SIZES.slice(at * 64, at * 64 + 64),
}));

/** A ring of which all but the last descriptor was used once. */
function beforeTheWrap(size: number, features = VIRTIO_F_RING_PACKED): QueueWorld {
  const world = new QueueWorld({ features, queueSize: size, ramSize: 0x20_0000 });
  for (let at = 0; at < size - 1; at += 1) {
    world.submit(at, [0x10, 1, true]);
    world.serve();
    must(world.queue.collect(), `chain ${at} of a ring of ${size}`);
  }
  return world;
}

function flags(world: QueueWorld, at: number): number {
  return world.bigRam.readUint16(world.areas.descriptor + 16 * at + 14);
}

describe.each(BLOCKS)('from size $first on: just before the wrap', ({ sizes }) => {
  test('a chain goes on at descriptor 0, with the counter of the next lap (§2.8.1)', () => {
    for (const size of sizes.filter((each) => each >= 2)) {
      const world = beforeTheWrap(size);
      world.submit(1, [0x10, 1, false], [0x20, 1, true]);
      expect([size, flags(world, size - 1), flags(world, 0)]).toEqual([
        size,
        AVAIL | NEXT,
        USED | WRITE,
      ]);
      expect(world.model.take()?.buffers.length).toBe(2);
    }
  });

  test('nothing is written behind the last descriptor', () => {
    for (const size of sizes) {
      const world = beforeTheWrap(size);
      const behind = world.areas.descriptor + 16 * size;
      const before = [world.bigRam.readUint32(behind), world.bigRam.readUint32(behind + 4)];
      world.submit(1, [0x10, 1, true]);
      world.serve();
      world.queue.collect();
      if (size > 1) world.submit(2, [0x10, 1, true], [0x10, 1, true]);
      const after = [world.bigRam.readUint32(behind), world.bigRam.readUint32(behind + 4)];
      expect([size, ...after]).toEqual([size, ...before]);
    }
  });

  test('a used descriptor is looked for at 0, and is none before the device writes it there', () => {
    for (const size of sizes) {
      const world = beforeTheWrap(size);
      world.submit(1, [0x10, 1, true]);
      world.serve();
      expect(world.queue.collect()).toBe(true);
      // what the first lap left at 0 is used, but with the other counter
      expect([size, world.queue.collect()]).toEqual([size, false]);
      world.submit(2, [0x10, 1, true]);
      expect([size, flags(world, 0)]).toEqual([size, USED | WRITE]);
      expect([size, world.queue.collect()]).toEqual([size, false]);
      world.serve();
      expect([size, world.queue.collect(), world.queue.used.token]).toEqual([size, true, 2]);
    }
  });

  test('a device that waits for the last descriptor, or for the first of the next lap, is told', () => {
    for (const size of sizes) {
      const world = beforeTheWrap(size, VIRTIO_F_RING_PACKED | VIRTIO_F_EVENT_IDX);
      world.queue.kick();
      for (const token of [1, 2]) {
        world.model.listen();
        world.log.length = 0;
        world.submit(token, [0x10, 1, true]);
        world.queue.kick();
        expect([size, world.log]).toEqual([size, ['notify 0']]);
        world.serve();
        world.queue.collect();
      }
    }
  });
});

describe('the place of a packed event across the wrap (§2.8.10)', () => {
  test('of every size: exactly the descriptors that were added count', () => {
    let asked = 0;
    for (const size of [1, 2, 3, 5, 8, 255, 256, 257]) {
      for (let next = 0; next < size; next += 1) {
        for (const added of new Set([1, 2, size - 1, size].filter((n) => n >= 1 && n <= size))) {
          for (let back = 1; back <= size; back += 1) {
            const at = next - back;
            const event = at >= 0 ? at | (1 << 15) : at + size;
            asked += 1;
            const needed = needPackedEvent(event, next, 1, added, size);
            must(
              needed === back <= added,
              `size ${size}, next ${next}, ${added} added, event ${back} before`,
            );
          }
        }
      }
    }
    expect(asked).toBeGreaterThan(100_000);
  });

  test('the descriptor that comes next is not told of', () => {
    expect(needPackedEvent(3 | (1 << 15), 3, 1, 2, 8)).toBe(false);
    expect(needPackedEvent(0, 0, 0, 8, 8)).toBe(false);
  });
});
