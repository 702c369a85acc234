import {
  VIRTIO_F_EVENT_IDX,
  VIRTIO_F_IN_ORDER,
  VIRTIO_F_INDIRECT_DESC,
  VIRTIO_F_NOTIFICATION_DATA,
  VIRTIO_F_RING_PACKED,
  VIRTIO_F_RING_RESET,
} from '@dxelab/virtio';
import { array, assert, boolean, constantFrom, integer, property, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ModelChain } from './model-device.fixture.ts';
import { must, QueueWorld } from './queue-world.fixture.ts';
import { virtioRingFeatures } from './ring-features.ts';
import { virtioQueueAwait, virtioQueueFlush } from './virtio-queue-flush.ts';

/** Every ring that can be negotiated, by name. */
const RINGS = [0n, VIRTIO_F_RING_PACKED].flatMap((packed) =>
  [0n, VIRTIO_F_IN_ORDER].flatMap((order) =>
    [0n, VIRTIO_F_INDIRECT_DESC].flatMap((indirect) =>
      [0n, VIRTIO_F_EVENT_IDX].map((event) => {
        const words = [
          packed === 0n ? 'split' : 'packed',
          ...(order === 0n ? [] : ['in order']),
          ...(indirect === 0n ? [] : ['indirect']),
          ...(event === 0n ? [] : ['event indices']),
        ];
        return [words.join(', '), packed | order | indirect | event] as const;
      }),
    ),
  ),
);

describe.each(RINGS)('%s', (_name, features) => {
  test('the device sees each chain as it was built, and its token comes back', () => {
    const world = new QueueWorld({ features });
    world.submit(7, [0x100, 16, false], [0x5_0000_0200, 512, true], [0x300, 1, true]);
    const chain = world.take();
    expect(chain.buffers).toEqual([
      { address: 0x100, length: 16, writable: false },
      { address: 0x5_0000_0200, length: 512, writable: true },
      { address: 0x300, length: 1, writable: true },
    ]);
    expect(world.queue.collect()).toBe(false);
    world.model.use([chain], 513);
    expect(world.queue.collect()).toBe(true);
    expect(world.queue.used).toEqual({ token: 7, length: 513, written: true });
    expect(world.queue.collect()).toBe(false);
    expect(world.queue.inFlight).toBe(0);
    expect(world.queue.freeDescriptors).toBe(4);
  });

  test('a full ring has no room, and has it again when a chain came back', () => {
    const world = new QueueWorld({ features, longestTable: 1 });
    expect(world.submit(1, [0x100, 1, false], [0x200, 1, true])).toBe(true);
    expect(world.submit(2, [0x100, 1, false])).toBe(true);
    expect(world.submit(3, [0x100, 1, false])).toBe(true);
    expect(world.submit(4, [0x100, 1, false])).toBe(false);
    world.serve();
    expect(world.queue.collect()).toBe(true);
    expect(world.submit(4, [0x100, 1, false], [0x200, 1, true])).toBe(true);
  });

  test('a chain that was begun and not submitted leaves no trace', () => {
    const world = new QueueWorld({ features });
    world.queue.begin(3);
    world.queue.append(0x100, 1, false);
    world.queue.append(0x200, 1, false);
    world.submit(1, [0x300, 1, false]);
    expect(world.serve()).toBe(1);
    expect(world.queue.collect()).toBe(true);
    expect(world.queue.used.token).toBe(1);
    expect(world.queue.freeDescriptors).toBe(4);
  });

  test('a chain that comes back while another one is built takes nothing from it', () => {
    const world = new QueueWorld({ features, queueSize: 8, longestTable: 1 });
    const { queue } = world;
    const built = [0x300, 0x310, 0x320];
    for (let round = 0; round < 20; round += 1) {
      world.submit(1, [0x100, 1, false], [0x110, 1, true]);
      world.submit(2, [0x200, 1, false]);
      const [first, second] = [world.take(), world.take()];
      queue.begin(3);
      for (const address of built) {
        if (address === 0x310) world.model.use([first], 1);
        queue.collect();
        queue.append(address, 1, address === 0x320);
      }
      expect(queue.used.token).toBe(1);
      queue.submit(3);
      while (queue.freeDescriptors > 0) world.submit(4, [0x400, 1, false]);
      const rest = Array.from({ length: queue.inFlight - 1 }, () => world.take());
      const chains = [second, ...rest];
      expect(chains.map(({ buffers }) => buffers.map(({ address }) => address))).toEqual([
        [0x200],
        built,
        ...Array.from({ length: 4 }, () => [0x400]),
      ]);
      expect(new Set(chains.map(({ id }) => id)).size).toBe(chains.length);
      for (const chain of chains) {
        world.model.use([chain], 0);
        expect(queue.collect()).toBe(true);
      }
      expect(queue.freeDescriptors).toBe(8);
    }
  });

  test('100,000 chains of random lengths, several in flight', { timeout: 30_000 }, () => {
    const world = new QueueWorld({ features, queueSize: 8 });
    const inOrder = (features & VIRTIO_F_IN_ORDER) !== 0n;
    const held: ModelChain[] = [];
    let seed = 1;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    const expected = new Map<number, number>();
    const buffer = [0x1000, 2, true] as const;
    let back = 0;
    for (let token = 0; back < 100_000;) {
      const count = 1 + random(4);
      if (world.submit(token, ...Array.from({ length: count }, () => buffer))) {
        expected.set(token, count);
        token += 1;
      }
      const taken = random(2) === 0 ? world.model.take() : undefined;
      if (taken !== undefined) held.push(taken);
      if (held.length > 0 && random(2) === 0) {
        const batch = inOrder
          ? held.splice(0, 1 + random(held.length))
          : held.splice(random(held.length), 1);
        world.model.use(batch, (batch.at(-1)?.buffers.length ?? 0) * 2);
      }
      while (random(2) === 0 && world.queue.collect()) {
        const { token: used, length } = world.queue.used;
        must(expected.get(used) === length / 2, `token ${used}: ${length}`);
        expected.delete(used);
        back += 1;
      }
    }
    expect(world.queue.inFlight).toBe(expected.size);
  });

  test('a chain without a writable buffer comes back unwritten', () => {
    const world = new QueueWorld({ features });
    world.submit(1, [0x100, 16, false]);
    world.serve();
    world.queue.collect();
    expect(world.queue.used).toEqual({ token: 1, length: 0, written: false });
  });

  test('one notification tells of many chains', () => {
    const world = new QueueWorld({ features });
    world.model.listen();
    for (const token of [1, 2, 3]) world.submit(token, [0x100, 1, false]);
    world.queue.kick();
    world.queue.kick();
    expect(world.log.filter((line) => line === 'notify 0')).toHaveLength(1);
  });

  test('a device that asked not to be told is not told', () => {
    const world = new QueueWorld({ features });
    world.submit(1, [0x100, 1, false]);
    world.serve();
    world.model.beDeaf();
    world.submit(2, [0x100, 1, false]);
    world.queue.kick();
    // on a split ring with event indices the event of before, 0, lies behind
    expect(world.log).toContain('select 0');
    world.log.length = 0;
    world.submit(3, [0x100, 1, false]);
    world.queue.kick();
    expect(world.log.filter((line) => line.startsWith('notify'))).toEqual([]);
  });

  test("a flush is the same as on OVMF's ring", () => {
    const world = new QueueWorld({ features });
    world.onNotify = () => void world.serve();
    world.submit(1, [0x100, 16, false], [0x200, 512, true]);
    expect(virtioQueueFlush(world, world.services, world.queue).length).toBe(512);
  });

  test('a flush waits with growing pauses for a device that takes its time', () => {
    const world = new QueueWorld({ features });
    world.onStall = () => void (world.stalls.length === 4 && world.serve());
    world.submit(1, [0x100, 16, false]);
    virtioQueueFlush(world, world.services, world.queue);
    expect(world.stalls).toEqual([1, 2, 4, 8]);
  });

  test('a flush with a timeout ends, and its chain can be awaited once more', () => {
    const world = new QueueWorld({ features });
    world.submit(1, [0x100, 16, false]);
    expect(() => virtioQueueFlush(world, world.services, world.queue, 5)).toThrow(/within 5/);
    world.serve();
    expect(virtioQueueAwait(world, world.services, world.queue, 5).token).toBe(1);
  });

  test('nobody waits for a device that asks for a reset, or for a queue that is empty', () => {
    const world = new QueueWorld({ features });
    expect(() => virtioQueueAwait(world, world.services, world.queue, 0)).toThrow(/no chain/);
    world.submit(1, [0x100, 16, false]);
    world.ownStatus = 0x40;
    expect(() => virtioQueueAwait(world, world.services, world.queue, 0)).toThrow(
      /asks for a reset/,
    );
  });

  test('VIRTIO_F_RING_RESET: a reset takes everything back, and the queue works as new (§2.6.1)', () => {
    const world = new QueueWorld({ features: features | VIRTIO_F_RING_RESET });
    for (let round = 0; round < 3; round += 1) {
      world.submit(1, [0x100, 16, false]);
      world.serve();
      world.queue.collect();
    }
    world.submit(2, [0x100, 16, false]);
    world.queue.reset();
    expect(world.log).toContain('reset 0');
    expect(world.queue.inFlight).toBe(0);
    expect(world.queue.freeDescriptors).toBe(4);
    world.submit(3, [0x300, 16, true]);
    expect(world.serve()).toBe(1);
    expect(world.queue.collect()).toBe(true);
    expect(world.queue.used.token).toBe(3);
  });
});

describe('interrupts (§2.7.7, §2.8.10)', () => {
  test.each(RINGS)(
    '%s: none by default, one for each wait once they are enabled',
    (_name, features) => {
      const world = new QueueWorld({ features });
      world.submit(1, [0x100, 16, false]);
      world.serve();
      expect(world.model.interrupts()).toBe(false);
      world.queue.collect();
      world.queue.enableInterrupts();
      for (let round = 0; round < 20; round += 1) {
        expect(world.queue.collect()).toBe(false);
        world.submit(2, [0x100, 16, false]);
        world.serve();
        expect(world.model.interrupts()).toBe(true);
        expect(world.queue.collect()).toBe(true);
      }
      world.queue.disableInterrupts();
      world.submit(2, [0x100, 16, false]);
      world.serve();
      expect(world.model.interrupts()).toBe(false);
    },
  );
});

describe('VIRTIO_F_NOTIFICATION_DATA (§2.9)', () => {
  test('a split ring tells the available index', () => {
    const world = new QueueWorld({ features: VIRTIO_F_NOTIFICATION_DATA });
    world.submit(1, [0x100, 16, false], [0x100, 16, false]);
    world.queue.kick();
    expect(world.log).toContain('notify 0 0x1');
  });

  test('a packed ring tells the next offset and its wrap counter', () => {
    const world = new QueueWorld({ features: VIRTIO_F_NOTIFICATION_DATA | VIRTIO_F_RING_PACKED });
    world.submit(1, [0x100, 16, false], [0x100, 16, false]);
    world.queue.kick();
    expect(world.log).toContain('notify 0 0x8002');
    world.submit(2, [0x100, 16, false], [0x100, 16, false]);
    world.queue.kick();
    expect(world.log).toContain('notify 0 0x0');
  });
});

describe('the size of a queue', () => {
  test.each([
    [7, 'split', 0n, 4],
    [1, 'split', 0n, 1],
    [7, 'packed', VIRTIO_F_RING_PACKED, 7],
  ])('of a device with %d, %s', (queueSize, _name, features, expected) => {
    const world = new QueueWorld({ features, queueSize, longestTable: 1 });
    expect(world.queue.queueSize).toBe(expected);
    expect(world.log).toContain(`size ${expected}`);
  });
});

describe('virtioRingFeatures', () => {
  const all = 2n ** 64n - 1n;

  test('a driver gets what it wants, as far as the device offers it and the transport carries it', () => {
    const world = new QueueWorld();
    expect(virtioRingFeatures(world, all, all)).toBe(world.ringFeatures);
    expect(virtioRingFeatures(world, all, VIRTIO_F_RING_PACKED)).toBe(VIRTIO_F_RING_PACKED);
    expect(virtioRingFeatures(world, 0n, all)).toBe(0n);
  });

  test('without VirtioQueueAccess it is what shows in memory alone', () => {
    expect(virtioRingFeatures(undefined, all, all)).toBe(
      VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX,
    );
  });
});

test('any chain of any length comes out as it went in', () => {
  const bufferOf = tuple(integer({ min: 1, max: 2 ** 52 }), integer({ min: 1, max: 9 }), boolean());
  assert(
    property(
      constantFrom(...RINGS.map(([, features]) => features)),
      array(array(bufferOf, { minLength: 1, maxLength: 5 }), { maxLength: 20 }),
      (features, chains) => {
        const world = new QueueWorld({ features, queueSize: 8 });
        for (const [token, chain] of chains.entries()) {
          expect(world.submit(token, ...chain)).toBe(true);
          const seen = world.take();
          expect(seen.buffers.map((each) => [each.address, each.length, each.writable])).toEqual(
            chain,
          );
          world.model.use([seen], 0);
          expect(world.queue.collect()).toBe(true);
        }
      },
    ),
  );
});
