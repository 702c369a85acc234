import { EfiError } from '@dxelab/uefi';
import {
  VIRTIO_F_EVENT_IDX,
  VIRTIO_F_IN_ORDER,
  VIRTIO_F_INDIRECT_DESC,
  VIRTIO_F_RING_PACKED,
} from '@dxelab/virtio';
import { describe, expect, test } from 'vitest';
import { needEvent } from './need-event.ts';
import { must, QueueWorld } from './queue-world.fixture.ts';

const RINGS = [
  ['split', VIRTIO_F_EVENT_IDX],
  ['packed', VIRTIO_F_EVENT_IDX | VIRTIO_F_RING_PACKED],
] as const;

describe('needEvent: 16 bits and their wrap (§2.7.10.1)', () => {
  test.each([
    [0, 1, 1, true],
    [0, 2, 1, false],
    [0xffff, 0, 1, true],
    [0xffff, 1, 1, false],
    [0xffff, 1, 2, true],
    [0xfffe, 2, 4, true],
    [0xfffe, 2, 3, false],
    [2, 2, 4, false],
    [0, 0x8000, 0x8000, true],
    [0x8000, 0x8000, 0x8000, false],
  ])('event %d, index %d, %d added: %s', (event, next, added, needed) => {
    expect(needEvent(event, next, added)).toBe(needed);
  });

  test('a driver that did not ask for 65,536 entries asks as if the event were among them', () => {
    expect(needEvent(7, 7, 0x1_0000)).toBe(true);
  });

  test('every event around the wrap: exactly the entries that were added count', () => {
    for (let next = -4; next <= 4; next += 1) {
      for (let back = 1; back <= 8; back += 1) {
        const event = (next - back) & 0xffff;
        expect(needEvent(event, next & 0xffff, 4)).toBe(back <= 4);
      }
    }
  });
});

describe('what others shipped (peers.md, asks 12 to 15)', () => {
  test.each(RINGS)(
    'cloud-hypervisor #2179, %s: what comes between telling the event and looking again is seen',
    (_name, features) => {
      const world = new QueueWorld({ features });
      world.queue.enableInterrupts();
      world.submit(1, [0x100, 4, true]);
      // the device sees the old event while it uses the chain, and so does not interrupt
      world.onFence = () => void world.serve();
      expect(world.queue.collect()).toBe(true);
    },
  );

  test.each(RINGS)(
    'cloud-hypervisor #2179, %s: a device that falls asleep at the barrier of the kick is told',
    (_name, features) => {
      const world = new QueueWorld({ features });
      world.submit(1, [0x100, 4, true]);
      world.model.take();
      world.queue.kick();
      world.log.length = 0;
      world.submit(2, [0x100, 4, true]);
      let asleep = false;
      world.onFence = () => {
        if (!asleep) world.model.listen();
        asleep = true;
      };
      world.queue.kick();
      expect(world.log).toEqual(['notify 0']);
    },
  );

  test.each(RINGS)(
    'acrn #2733, %s: no interrupt is lost while the driver collects',
    (_name, features) => {
      const world = new QueueWorld({ features });
      world.queue.enableInterrupts();
      for (let round = 0; round < 1000; round += 1) {
        world.submit(1, [0x100, 4, true]);
        world.submit(2, [0x100, 4, true]);
        world.serve();
        expect(world.model.interrupts()).toBe(true);
        while (world.queue.collect());
      }
    },
  );

  test('spdk #3178, packed: id and length are read behind a barrier after the flags', () => {
    const world = new QueueWorld({ features: VIRTIO_F_RING_PACKED });
    world.submit(1, [0x100, 4, true]);
    const desc = world.areas.descriptor;
    // a weakly ordered device: its flags are seen first, and the rest at the driver's barrier
    world.bigRam.writeUint16(desc + 12, 3);
    world.bigRam.writeUint32(desc + 8, 99);
    world.bigRam.writeUint16(desc + 14, 0x8082);
    world.onFence = () => {
      world.bigRam.writeUint16(desc + 12, 0);
      world.bigRam.writeUint32(desc + 8, 4);
    };
    expect(world.queue.collect()).toBe(true);
    expect(world.queue.used).toEqual({ token: 1, length: 4, written: true });
  });

  test('spdk #3178, split: the element is read behind a barrier after the index', () => {
    const world = new QueueWorld();
    world.submit(1, [0x100, 4, true]);
    world.bigRam.writeUint32(world.areas.device + 4, 3);
    world.bigRam.writeUint16(world.areas.device + 2, 1);
    world.onFence = () => world.bigRam.writeUint32(world.areas.device + 4, 0);
    expect(world.queue.collect()).toBe(true);
  });

  test.each(RINGS)(
    'kvm-host #50, %s: the head is published behind a barrier, when all else is there',
    (_name, features) => {
      const world = new QueueWorld({ features });
      const seen: (number | undefined)[] = [];
      world.onFence = () => void seen.push(world.model.take()?.buffers.length);
      world.submit(1, [0x100, 4, false], [0x200, 4, true]);
      expect(seen).toEqual([undefined]);
      expect(world.model.take()?.buffers.length).toBe(2);
    },
  );

  test('QEMU before 9.1, packed: the id of a list stands in its first descriptor, too', () => {
    const world = new QueueWorld({ features: VIRTIO_F_RING_PACKED, queueSize: 8 });
    world.submit(1, [0x100, 4, false], [0x200, 4, true], [0x300, 1, true]);
    world.submit(2, [0x100, 4, false], [0x200, 4, true], [0x300, 1, true]);
    const [first, second] = [world.take(), world.take()];
    const ids = [0, 1, 2, 3, 4, 5].map((at) =>
      world.bigRam.readUint16(world.areas.descriptor + 16 * at + 12),
    );
    expect(ids).toEqual([first.id, first.id, first.id, second.id, second.id, second.id]);
    expect(first.id).not.toBe(second.id);
  });

  test.each(RINGS)(
    'rcore queue.rs, should_notify, %s: a batch across 65535 is told, whichever of it the device waits for',
    (_name, features) => {
      for (const before of [0xfffd, 0xfffe, 0xffff]) {
        for (let event = 0; event < 4; event += 1) {
          const world = new QueueWorld({ features });
          for (let chain = 0; chain < before; chain += 1) {
            world.submit(1, [0x100, 4, true]);
            world.serve();
            world.queue.collect();
          }
          world.queue.kick();
          world.log.length = 0;
          // the device has seen `event` of the four when it asks to be told of the next
          for (let chain = 0; chain < 4; chain += 1) {
            if (chain === event) world.model.listen();
            world.submit(chain, [0x100, 4, true]);
            if (chain < event) world.take();
          }
          world.queue.kick();
          expect([before, event, world.log]).toEqual([before, event, ['notify 0']]);
        }
      }
    },
    60_000,
  );

  test('rcore #121: used_event follows the used index', () => {
    const world = new QueueWorld({ features: VIRTIO_F_EVENT_IDX });
    world.queue.enableInterrupts();
    for (let round = 1; round <= 10; round += 1) {
      world.submit(1, [0x100, 4, true]);
      world.serve();
      world.queue.collect();
      world.queue.collect();
      expect(world.bigRam.readUint16(world.areas.driver + 4 + 2 * 4)).toBe(round);
    }
  });

  test('hermit #1274: the packed event is the next used place, with its wrap counter', () => {
    const world = new QueueWorld({
      features: VIRTIO_F_EVENT_IDX | VIRTIO_F_RING_PACKED,
      queueSize: 3,
    });
    world.queue.enableInterrupts();
    const events: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      world.queue.collect();
      events.push(world.bigRam.readUint16(world.areas.driver));
      world.submit(1, [0x100, 4, true]);
      world.serve();
      world.queue.collect();
    }
    expect(events).toEqual([0x8000, 0x8001, 0x8002, 0, 1, 2, 0x8000]);
    expect(world.bigRam.readUint16(world.areas.driver + 2)).toBe(2);
  });

  test.each(RINGS)(
    'cloud-hypervisor #897, %s: each chain of a device that listens is told, across 65535',
    (_name, features) => {
      const world = new QueueWorld({ features });
      for (let round = 0; round < 0x1_0010; round += 1) {
        world.model.listen();
        world.submit(1, [0x100, 4, true]);
        world.queue.kick();
        must(world.log.pop() === 'notify 0', `chain ${round} was not told`);
        world.serve();
        world.queue.collect();
      }
      expect(world.queue.inFlight).toBe(0);
    },
  );

  test.each([
    ['split', 0n],
    ['split, in order', VIRTIO_F_IN_ORDER],
    ['packed', VIRTIO_F_RING_PACKED],
    ['packed, in order', VIRTIO_F_RING_PACKED | VIRTIO_F_IN_ORDER],
  ])(
    'arcbox #210, %s: 200,000 chains, three in flight: no index runs out of its 16 bits',
    (_name, features) => {
      const world = new QueueWorld({ features });
      for (let token = 0; token < 200_000; token += 1) {
        while (world.queue.inFlight < 3) world.submit(token, [0x100, 4, true]);
        const chain = world.take();
        world.model.use([chain], 4);
        must(world.queue.collect(), `chain ${token} did not come back`);
      }
      expect(world.queue.inFlight).toBe(2);
    },
  );
});

describe('event suppression structures of a packed ring (§2.8.10, §2.8.14)', () => {
  const [ENABLE, DISABLE, DESC] = [0, 1, 2];
  const WRAP = 0x8000;

  /** Chains of one descriptor on a ring of four: the kick comes when the first `chains` are available. */
  function kicked(flags: number, place: number, chains: number, eventIdx = true): boolean {
    const features = VIRTIO_F_RING_PACKED | (eventIdx ? VIRTIO_F_EVENT_IDX : 0n);
    const world = new QueueWorld({ features });
    world.bigRam.writeUint16(world.areas.device, place);
    world.bigRam.writeUint16(world.areas.device + 2, flags);
    for (let chain = 0; chain < chains; chain += 1) world.submit(chain, [0x100, 4, true]);
    world.queue.kick();
    return world.log.includes('notify 0');
  }

  test.each([
    ['0: always', ENABLE, 0, 1, true],
    ['1: never', DISABLE, 0, 1, false],
    ['2: of the descriptor at offset 0, first lap', DESC, 0 | WRAP, 1, true],
    ['2: of the one at offset 1, and there is only 0', DESC, 1 | WRAP, 1, false],
    ['2: of the one at offset 1, and it is the second', DESC, 1 | WRAP, 2, true],
    ['2: of the last of the lap', DESC, 3 | WRAP, 4, true],
    ['2: of the first of the next lap, which is not reached', DESC, 0, 4, false],
  ] as const)('the device writes %s', (_what, flags, place, chains, told) => {
    expect(kicked(flags, place, chains)).toBe(told);
  });

  test('2 without VIRTIO_F_EVENT_IDX means nothing, and suppresses nothing', () => {
    expect(kicked(DESC, 3 | WRAP, 1, false)).toBe(true);
  });

  test.each([
    ['event indices', VIRTIO_F_EVENT_IDX, [DISABLE, DESC, DISABLE]],
    ['no event indices', 0n, [DISABLE, ENABLE, DISABLE]],
  ] as const)('the driver writes, with %s', (_what, features, expected) => {
    const world = new QueueWorld({ features: features | VIRTIO_F_RING_PACKED });
    const flags = (): number => world.bigRam.readUint16(world.areas.driver + 2);
    const written = [flags()];
    world.queue.enableInterrupts();
    written.push(flags());
    world.queue.disableInterrupts();
    expect([...written, flags()]).toEqual(expected);
  });
});

describe('RT-Thread #11326, #11327: what the device writes is not believed', () => {
  const HOSTILE = [0n, VIRTIO_F_RING_PACKED].flatMap((packed) =>
    [0n, VIRTIO_F_IN_ORDER, VIRTIO_F_INDIRECT_DESC].map((rest) => {
      const kind = rest === 0n ? '' : rest === VIRTIO_F_IN_ORDER ? ', in order' : ', indirect';
      return [`${packed === 0n ? 'split' : 'packed'}${kind}`, packed | rest] as const;
    }),
  );

  /** What `collect` says, and why every call after it fails. */
  function complaint(world: QueueWorld): string {
    const { queue } = world;
    expect(() => queue.collect()).toThrow(EfiError);
    const broken = queue.broken ?? 'nothing';
    for (const call of [() => queue.begin(1), () => queue.collect(), () => queue.kick()]) {
      expect(call).toThrow(`${broken}, and was not reset since`);
    }
    return broken;
  }

  test.each(HOSTILE)('%s: an id outside the ring', (_name, features) => {
    for (const id of [4, 0x7fff, 0xffff]) {
      const world = new QueueWorld({ features });
      world.submit(1, [0x100, 4, true]);
      world.model.use([{ id, count: 1, buffers: [] }], 4);
      expect(complaint(world)).toMatch(/used id \d+, which is not in flight/);
    }
  });

  test.each(HOSTILE)('%s: an id of which no chain is in flight', (_name, features) => {
    const world = new QueueWorld({ features });
    world.submit(1, [0x100, 4, true]);
    world.model.use([{ id: 2, count: 1, buffers: [] }], 4);
    expect(complaint(world)).toMatch(/not in flight/);
  });

  test.each(HOSTILE)('%s: a chain used twice', (_name, features) => {
    const world = new QueueWorld({ features });
    world.submit(1, [0x100, 4, true]);
    world.submit(2, [0x100, 4, true]);
    const chain = world.take();
    world.model.use([chain], 4);
    world.queue.collect();
    world.model.use([chain], 4);
    expect(complaint(world)).toMatch(/not in flight/);
  });

  test.each(HOSTILE)('%s: more bytes than were writable', (_name, features) => {
    const world = new QueueWorld({ features });
    world.submit(1, [0x100, 400, false], [0x100, 4, true]);
    const chain = world.take();
    world.model.use([chain], 5);
    expect(complaint(world)).toMatch(/used length 5, but 4 bytes were writable/);
  });

  test('split: a used index that is further than there were chains', () => {
    const world = new QueueWorld();
    world.submit(1, [0x100, 4, true]);
    world.bigRam.writeUint16(world.areas.device + 2, 2);
    expect(complaint(world)).toMatch(/used index 2 after 0 with 1 chains in it/);
  });

  test('split: a used index that goes back', () => {
    const world = new QueueWorld();
    world.submit(1, [0x100, 4, true]);
    world.bigRam.writeUint16(world.areas.device + 2, 0xffff);
    expect(complaint(world)).toMatch(/used index 65535/);
  });

  test('split, in order: a batch that ends behind what the index says', () => {
    const world = new QueueWorld({ features: VIRTIO_F_IN_ORDER });
    world.submit(1, [0x100, 4, true]);
    world.submit(2, [0x100, 4, true]);
    world.model.take();
    const second = world.take();
    world.model.use([second], 4);
    expect(complaint(world)).toMatch(/out of order/);
  });

  test('packed: without WRITE the length means nothing (§2.8.4)', () => {
    const world = new QueueWorld({ features: VIRTIO_F_RING_PACKED });
    world.submit(1, [0x100, 4, true]);
    world.bigRam.writeUint32(world.areas.descriptor + 8, 0xffff_ffff);
    world.bigRam.writeUint16(world.areas.descriptor + 14, 0x8080);
    expect(world.queue.collect()).toBe(true);
    expect(world.queue.used).toEqual({ token: 1, length: 0, written: false });
  });

  test('QEMU, packed: a length without WRITE counts for who says so, and is held against the chain', () => {
    const features = VIRTIO_F_RING_PACKED;
    for (const [length, written] of [
      [4, true],
      [0, false],
    ] as const) {
      const world = new QueueWorld({ features, lengthWithoutWrite: true });
      world.submit(1, [0x100, 4, true]);
      world.bigRam.writeUint32(world.areas.descriptor + 8, length);
      world.bigRam.writeUint16(world.areas.descriptor + 14, 0x8080);
      expect(world.queue.collect()).toBe(true);
      expect(world.queue.used).toEqual({ token: 1, length, written });
    }
    const world = new QueueWorld({ features, lengthWithoutWrite: true });
    world.submit(1, [0x100, 4, true]);
    world.bigRam.writeUint32(world.areas.descriptor + 8, 5);
    world.bigRam.writeUint16(world.areas.descriptor + 14, 0x8080);
    expect(complaint(world)).toMatch(/used length 5, but 4 bytes were writable/);
  });

  test('packed: NEXT is reserved in a used descriptor (§2.8.5)', () => {
    const world = new QueueWorld({ features: VIRTIO_F_RING_PACKED });
    world.submit(1, [0x100, 4, true], [0x200, 4, true]);
    const chain = world.take();
    world.model.use([chain], 8);
    const flags = world.areas.descriptor + 14;
    world.bigRam.writeUint16(flags, world.bigRam.readUint16(flags) | 1 | 4);
    expect(world.queue.collect()).toBe(true);
    expect(world.queue.freeDescriptors).toBe(4);
  });
});

describe('in order (§2.7.9, §2.8.9; packed-ring: add in order support, 2018)', () => {
  test.each([
    ['split', VIRTIO_F_IN_ORDER],
    ['packed', VIRTIO_F_IN_ORDER | VIRTIO_F_RING_PACKED],
  ])('%s: one used element for a batch; those skipped are used in full', (_name, features) => {
    const world = new QueueWorld({ features, queueSize: 8 });
    for (let round = 0; round < 20; round += 1) {
      world.submit(1, [0x100, 4, false], [0x200, 16, true], [0x300, 1, true]);
      world.submit(2, [0x100, 4, false]);
      world.submit(3, [0x100, 512, true]);
      const batch = [0, 1, 2].flatMap(() => world.model.take() ?? []);
      world.model.use(batch, 100);
      const back = [0, 1, 2].map(() =>
        world.queue.collect() ? { ...world.queue.used } : undefined,
      );
      expect(back).toEqual([
        { token: 1, length: 17, written: true },
        { token: 2, length: 0, written: false },
        { token: 3, length: 100, written: true },
      ]);
      expect(world.queue.collect()).toBe(false);
      expect(world.queue.freeDescriptors).toBe(8);
    }
  });

  test('split: descriptors are taken in the order of the ring, so the head does not stay 0', () => {
    const world = new QueueWorld({ features: VIRTIO_F_IN_ORDER });
    const heads = [0, 1, 2, 3, 4].map(() => {
      world.submit(1, [0x100, 4, false], [0x200, 16, true], [0x300, 1, true]);
      const chain = world.take();
      world.model.use([chain], 0);
      world.queue.collect();
      return chain.id;
    });
    expect(heads).toEqual([0, 3, 2, 1, 0]);
  });

  test("split, not in order: one chain at a time has the head 0, as on OVMF's ring", () => {
    const world = new QueueWorld();
    for (let round = 0; round < 3; round += 1) {
      world.submit(1, [0x100, 4, false], [0x200, 16, true], [0x300, 1, true]);
      const chain = world.take();
      expect(chain.id).toBe(0);
      world.model.use([chain], 0);
      world.queue.collect();
    }
  });
});
