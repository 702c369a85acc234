import { afterEach, describe, expect, test, vi } from 'vitest';
import { RAM_BASE, WRITE } from './test-memory.fixture.ts';
import { TestPackedRing } from './test-packed-ring.fixture.ts';
import { BUFFERS, TestRing } from './test-ring.fixture.ts';

// What barriers are for: in which order a driver on another CPU sees what the device does. Everything
// here goes to the ring in the order of the program, so that the order of the program is tested.

/** Where accesses go, in the order in which they come. */
function recorded(names: ReadonlyMap<number, string>, body: () => void): string[] {
  const accesses: string[] = [];
  for (const method of ['getUint16', 'getUint32', 'setUint16', 'setUint32'] as const) {
    const original = DataView.prototype[method];
    vi.spyOn(DataView.prototype, method).mockImplementation(function spy(
      this: DataView,
      ...given: unknown[]
    ): number {
      const offset = Number(given[0]);
      accesses.push(`${method.slice(0, 3)} ${names.get(offset) ?? `0x${offset.toString(16)}`}`);
      return Number(Reflect.apply(original, this, given));
    });
  }
  body();
  vi.restoreAllMocks();
  return accesses;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a split ring', () => {
  // Offsets in RAM: the available ring at 0x4000, the used ring at 0x6000, of eight entries.
  const NAMES = new Map([
    [0x4000, 'flags'],
    [0x4002, 'available index'],
    [0x4014, 'used_event'],
    [0x6002, 'used index'],
    [0x6004, 'id'],
    [0x6008, 'length'],
    [0x6044, 'avail_event'],
  ]);

  function ready(eventIdx: boolean): TestRing {
    const ring = new TestRing();
    ring.features.eventIdx = eventIdx;
    ring.desc(0, BUFFERS, 4, WRITE);
    ring.offer(0);
    ring.queue.pop();
    return ring;
  }

  test('the element, then the index, then whether the driver wants to know (acrn #2733, spdk #3178)', () => {
    for (const [eventIdx, asked] of [
      [false, 'get flags'],
      [true, 'get used_event'],
    ] as const) {
      const { queue } = ready(eventIdx);
      const accesses = recorded(NAMES, () => {
        queue.push(0, 4);
        queue.wantsNotification();
      });
      expect(accesses).toEqual(['set id', 'set length', 'set used index', asked]);
    }
  });

  test('avail_event, then the index once more (cloud-hypervisor #2179, vm-virtio #18)', () => {
    const { queue } = ready(true);
    const accesses = recorded(NAMES, () => queue.askForNotification());
    expect(accesses).toEqual(['set avail_event', 'get available index']);
  });
});

describe('a packed ring', () => {
  function ready(): TestPackedRing {
    const ring = new TestPackedRing();
    ring.features.eventIdx = true;
    ring.offerList(1, 1);
    ring.queue.pop();
    return ring;
  }

  function names({ driver, device }: TestPackedRing): Map<number, string> {
    return new Map([
      [8, 'length'],
      [12, 'id'],
      [14, 'flags'],
      [30, 'flags of the next'],
      [driver - RAM_BASE + 2, 'driver event flags'],
      [device - RAM_BASE, 'device event descriptor'],
      [device - RAM_BASE + 2, 'device event flags'],
    ]);
  }

  test('id and length, then the flags, then whether the driver wants to know (kvm-host #50, spdk #3178)', () => {
    const ring = ready();
    const accesses = recorded(names(ring), () => {
      ring.queue.push(1, 4, 1);
      ring.queue.wantsNotification();
    });
    expect(accesses).toEqual(['set id', 'set length', 'set flags', 'get driver event flags']);
  });

  test('the device event, then the next descriptor once more', () => {
    const ring = ready();
    const accesses = recorded(names(ring), () => ring.queue.askForNotification());
    expect(accesses).toEqual([
      'set device event descriptor',
      'set device event flags',
      'get flags of the next',
    ]);
  });
});
