import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockIoProtocol, TPL_CALLBACK, TPL_NOTIFY } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import type {
  DescriptorChain,
  VirtioBlkOptions,
  VirtioBlkStatus,
  VirtioDeviceHost,
  VirtioTransportOptions,
} from '@dxelab/virtio-devices';
import { MemoryBackend, VirtioBlk, VirtioPciModern } from '@dxelab/virtio-devices';
import { Babbler } from './babbler.fixture.ts';
import type { BootWorldOptions } from './boot-world.fixture.ts';
import { BootWorld, OPTIONS_AS_WRITTEN, virtioDisk } from './boot-world.fixture.ts';
import { demoDisk, ESP_FIRST } from './demo-disk.fixture.ts';
import { application, KERNEL_TEXT, osLoader } from './programs.fixture.ts';

const BOOT_FILE = 2111;

/** A world whose one disk is this one. */
function world(
  options: BootWorldOptions,
  blk: Partial<VirtioBlkOptions>,
  transport?: VirtioTransportOptions,
): BootWorld {
  const slots = { '02.0': virtioDisk(undefined, blk, transport) };
  return new BootWorld({ standIn: osLoader, slots, quirks: OPTIONS_AS_WRITTEN, ...options });
}

/** A disk that asks for a reset with its request number `last`, and does nothing more. */
class TiredDisk extends VirtioBlk {
  #host: VirtioDeviceHost | undefined;
  #left: number;

  constructor(last: number) {
    super({ backend: new MemoryBackend(demoDisk()) });
    this.#left = last;
  }

  override attach(host: VirtioDeviceHost): void {
    super.attach(host);
    this.#host = host;
  }

  override handleChain(queue: number, chain: DescriptorChain): number | 'pending' {
    this.#left--;
    if (this.#left > 0) return super.handleChain(queue, chain);
    this.#host?.needsReset('2.1.2', 'the disk is tired');
    return 'pending';
  }
}

describe.each(PROFILES)('a disk that no driver can use, %s', (profile) => {
  test.each<[string, Partial<VirtioBlkOptions>, RegExp]>([
    ['has a queue of size 0', { queueSize: 0 }, /virtqueue 0 has 0 descriptors/],
    ['has a queue of size 1', { queueSize: 1 }, /virtqueue 0 has 1 descriptors/],
    ['has 2^64-1 sectors', { claimedCapacity: 2n ** 64n - 1n }, /18446744073709551615/],
    ['has no sectors', { claimedCapacity: 0n }, /the device has 0/],
  ])('it %s: it is left alone, FAILED, and says why', (_what, blk, reason) => {
    const bad = world({ profile }, blk);
    bad.bootTo('stopped');
    expect(bad.startFailures).toHaveLength(1);
    expect(bad.startFailures[0]).toMatch(reason);
    expect(bad.startFailures[0]).toMatch(/VirtioBlkDxe: EFI_UNSUPPORTED/);
    expect(bad.deviceStatuses[0]).toBeGreaterThanOrEqual(0x80);
    expect(bad.attempts).toEqual([]);
    expect(bad.findings).toEqual([]);
  });

  test('and another disk beside it is booted from', () => {
    const slots = { '02.0': virtioDisk(undefined, { queueSize: 0 }), '03.0': virtioDisk() };
    const both = new BootWorld({ profile, standIn: osLoader, slots });
    both.bootTo('boot-services-exited');
    expect(both.console).toBe(KERNEL_TEXT);
  });

  test('a disk that claims more than it has boots all the same: nothing lies beyond its end', () => {
    const longer = world({ profile }, { claimedCapacity: 2n ** 40n });
    // The GPT's own copy of itself is not where this disk ends; what lies within it boots.
    longer.bootTo('boot-services-exited');
    expect(longer.console).toBe(KERNEL_TEXT);
  });
});

describe('a disk that lies in its used ring (virtio §2.7.8)', () => {
  const lies: readonly (readonly [string, NonNullable<VirtioTransportOptions['usedElement']>])[] = [
    ['an id that was never submitted', ({ length }) => ({ id: 77, length })],
    ['an id beyond the queue', ({ length }) => ({ id: 0xffff_ffff, length })],
    ['a length beyond the buffer', ({ id }) => ({ id, length: 0xffff_ffff })],
  ];

  test.each(lies)(
    'specification: with %s it is reset, and nothing of it is believed',
    (_what, lie) => {
      const liar = world({ profile: 'specification' }, {}, { usedElement: lie });
      liar.bootTo('stopped');
      expect(liar.deviceStatuses).toEqual([0]);
      expect(liar.startFailures.join('\n')).toMatch(/EFI_DEVICE_ERROR.*used (id|length) \d+/);
      expect(liar.attempts).toEqual([]);
      const before = liar.dmaAccesses;
      const { events } = liar.machine.bus;
      while (events.next < Infinity) events.runNext();
      expect(liar.dmaAccesses).toBe(before);
    },
  );

  test.each(lies)('edk2: %s is believed, as what ships does', (_what, lie) => {
    const believer = world({ profile: 'edk2' }, {}, { usedElement: lie });
    believer.bootTo('boot-services-exited');
    expect(believer.console).toBe(KERNEL_TEXT);
  });

  test('specification: a lie in the middle of the boot fails what was read, and Reset would help', () => {
    let request = 0;
    const usedElement: VirtioTransportOptions['usedElement'] = ({ id, length }) =>
      ++request === 20 ? { id: id + 1, length } : { id, length };
    const liar = world({ profile: 'specification' }, {}, { usedElement });
    liar.bootTo('stopped');
    expect(liar.deviceStatuses).toEqual([0]);
    const told = [...liar.attempts.map(({ reason }) => reason), ...liar.startFailures].join('\n');
    expect(told).toMatch(/used id 1, but 0 was submitted/);
  });
});

describe.each(PROFILES)('a disk that never completes, %s', (profile) => {
  const slow = { latency: 1e15 };

  test('spends the budget, and the report says which queue it was', () => {
    const { details, message } = world({ profile, budget: { virtualTime: 2e9 } }, slow).bootTo(
      'budget-spent',
    );
    expect(message).toBe('the boot has spent its budget of 2000 ms of virtual time');
    expect(details['report']).toMatch(
      /^virtio-blk: status 0x0f\n {2}queue 0 of 256: 1 made available, 1 taken, 0 used, last notified at \d+\.\d{3} ms, 1 in work$/,
    );
    expect(details['virtualTime']).toBeGreaterThanOrEqual(2e9);
  });

  test('spends a budget of accesses, too', () => {
    const { details, message } = world({ profile, budget: { accesses: 10_000 } }, slow).bootTo(
      'budget-spent',
    );
    expect(message).toBe('the boot has spent its budget of 10000 accesses to the hardware');
    expect(details['accesses']).toBe(10_001);
    expect(details['report']).toContain('queue 0 of 256: 1 made available');
  });

  test.each([TPL_CALLBACK, TPL_NOTIFY])('at TPL %i as well', (tpl) => {
    const loader = application(({ bs }) => {
      const [handle] = bs.locateHandleBuffer({ type: 'ByProtocol', protocol: BlockIoProtocol });
      if (handle === undefined) throw new TypeError('there is no disk');
      const disk = bs.handleProtocol(handle, BlockIoProtocol);
      latency = 1e15;
      bs.raiseTpl(tpl);
      disk.readBlocks(disk.media.mediaId, 0, new Uint8Array(512));
    });
    let latency = 0;
    class Sleepy extends VirtioBlk {
      override handleChain(queue: number, chain: DescriptorChain): number | 'pending' {
        return latency > 0 ? 'pending' : super.handleChain(queue, chain);
      }
    }
    const disk = new VirtioPciModern(new Sleepy({ backend: new MemoryBackend(demoDisk()) }));
    const stuck = new BootWorld({
      profile,
      standIn: loader,
      slots: { '02.0': disk },
      budget: { virtualTime: 1e9 },
    });
    const { details } = stuck.bootTo('budget-spent');
    expect(details['report']).toMatch(/1 in work$/);
  });

  test('catching the end revives nothing', () => {
    const afterwards: unknown[] = [];
    const loader = application(({ bs, libraries }) => {
      try {
        bs.stall(1e12);
      } catch (caught) {
        afterwards.push(caught);
      }
      for (const attempt of [
        () => bs.allocatePool('EfiLoaderData', 1),
        () => bs.raiseTpl(TPL_NOTIFY),
        () => libraries.ram.readUint8(0x1000),
        () => libraries.ram.writeUint32(0x1000, 0),
        () => libraries.memoryFence(),
        () => libraries.debug.assert(false, 'not even this'),
      ]) {
        try {
          afterwards.push(attempt());
        } catch (caught) {
          afterwards.push(caught);
        }
      }
    });
    const dead = world({ profile, standIn: loader, budget: { virtualTime: 1e9 } }, {});
    const end = dead.boot();
    expect(end.kind).toBe('budget-spent');
    expect(afterwards).toHaveLength(7);
    expect(new Set(afterwards).size).toBe(1);
  });
});

describe('a disk that asks for a reset (virtio §2.1.2)', () => {
  const tired = (last: number) => ({
    '02.0': new VirtioPciModern(new TiredDisk(last)),
    '03.0': virtioDisk(),
  });

  test.each([1, 2, 12])(
    'specification: at request %i it fails as a device does, and the next disk boots',
    (last) => {
      const slots = tired(last);
      const both = new BootWorld({ profile: 'specification', standIn: osLoader, slots });
      both.bootTo('boot-services-exited');
      expect(both.console).toContain(KERNEL_TEXT);
      expect(both.findings).toMatchObject([{ rule: 'virtio-1.4 2.1.2' }]);
      const told = [...both.attempts.map(({ reason }) => reason), ...both.startFailures].join('\n');
      expect(told).toMatch(/a device that asks for a reset/);
    },
  );

  test('edk2: it is polled for ever, and the report says that it wants one', () => {
    const slots = tired(1);
    const stuck = new BootWorld({ profile: 'edk2', standIn: osLoader, slots });
    const { details } = stuck.bootTo('budget-spent');
    expect(details['report']).toMatch(/needs a reset \(virtio-1\.4 2\.1\.2: the disk is tired\)/);
  });
});

describe.each(PROFILES)('a disk with sectors that cannot be read, %s', (profile) => {
  const bad =
    (...sectors: readonly number[]) =>
    (_type: number, sector: number): VirtioBlkStatus | undefined =>
      sectors.includes(sector) ? 'IOERR' : undefined;

  test.each([
    ['header', 1],
    ['entries', 2],
  ])(
    'the primary GPT %s: the backup is used (UEFI §5.3.2), if that takes no repair',
    (_what, at) => {
      const one = world({ profile }, { status: bad(at) });
      // EDK II goes by the primary alone, once it has written it anew, and here it cannot.
      one.bootTo(profile === 'edk2' ? 'stopped' : 'boot-services-exited');
      expect(one.debug.map(({ message }) => message).join('\n')).toMatch(
        /GPT: the backup is used, the primary is broken: .*request 0 at sector/,
      );
    },
  );

  test('both GPT headers: there are no partitions, and PartitionDxe says so', () => {
    const none = world({ profile }, { status: bad(1, 8191) });
    none.bootTo('stopped');
    expect(none.startFailures.join('\n')).toMatch(/PartitionDxe: /);
    expect(none.attempts).toEqual([]);
  });

  test('the boot sector of the volume: it is no file system', () => {
    const none = world({ profile }, { status: bad(ESP_FIRST) });
    none.bootTo('stopped');
    expect(none.startFailures.join('\n')).toMatch(/FatDxe: EFI_DEVICE_ERROR/);
  });

  test('the file allocation table: the boot file cannot be followed', () => {
    const status = (_type: number, sector: number): VirtioBlkStatus | undefined =>
      sector > ESP_FIRST && sector < 2095 ? 'IOERR' : undefined;
    const none = world({ profile }, { status });
    none.bootTo('stopped');
    const told = [...none.attempts.map(({ reason }) => reason), ...none.startFailures].join('\n');
    expect(told).toMatch(/EFI_DEVICE_ERROR/);
  });

  test('the boot file: the attempt fails with a device error, and the next disk is booted from', () => {
    const slots = {
      '02.0': virtioDisk(undefined, { status: bad(BOOT_FILE) }),
      '03.0': virtioDisk(),
    };
    const both = new BootWorld({ profile, standIn: osLoader, slots });
    both.bootTo('boot-services-exited');
    expect(both.attempts).toMatchObject([{ status: 'EFI_DEVICE_ERROR' }]);
    expect(both.attempts[0]?.reason).toMatch(/request 0 at sector \d+ .*status 1/);
  });

  test('any of them: the boot ends clearly', () => {
    fc.assert(
      fc.property(fc.func(fc.integer({ min: 0, max: 20 })), (dice) => {
        const status = (type: number, sector: number): VirtioBlkStatus | undefined =>
          dice(type, sector) === 0 ? 'IOERR' : undefined;
        const { kind } = world({ profile }, { status }).boot();
        expect(['boot-services-exited', 'stopped']).toContain(kind);
      }),
      { numRuns: 12 },
    );
  }, 30_000);
});

test.each(PROFILES)(
  'a disk that answers anything at all ends no boot badly, %s',
  (profile) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.uint8Array({ maxLength: 4096, size: 'max' }),
        fc.integer({ min: 0, max: 3 }),
        fc.nat({ max: 5000 }),
        (sectors, bytes, status, written) => {
          const babbler = new VirtioPciModern(new Babbler(sectors, bytes, status, written));
          const lab = new BootWorld({ profile, slots: { '02.0': babbler } });
          expect(lab.boot().kind).toBe('stopped');
        },
      ),
      { numRuns: 12 },
    );
  },
  30_000,
);
