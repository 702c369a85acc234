import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PciBridge } from '@dxelab/pci-devices';
import type { Tracer } from '@dxelab/platform';
import { EfiError, convertDevicePathToText, LoadedImageDevicePathProtocol } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import type { VirtioPciModern } from '@dxelab/virtio-devices';
import { BootWorld, OPTIONS_AS_WRITTEN, virtioDisk } from './boot-world.fixture.ts';
import { bootFileOf, demoDisk, mbrDisk } from './demo-disk.fixture.ts';
import {
  application,
  bootOs,
  bootVolume,
  driver,
  KERNEL,
  KERNEL_TEXT,
  osLoader,
} from './programs.fixture.ts';

/** The edk2 profile has one data descriptor, whatever size_max and seg_max say (virtio §5.2.3). */
const OVMF_BREAKS = 'virtio-1.4 5.2.3';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const FOUR_GIB = 4 * GIB;

/** A disk behind so many bridges. */
function behindBridges(levels: number, disk: VirtioPciModern) {
  let func: PciBridge | VirtioPciModern = disk;
  for (let level = levels; level > 0; level--) {
    const bridge = new PciBridge(`bridge ${level}`);
    bridge.plug(`0${level}.0`, func);
    func = bridge;
  }
  return func;
}

/** The memory of a WebAssembly program to be, which the types of Node do not declare. */
function wasmMemory(bytes: number): Uint8Array {
  const { Memory }: WebAssemblyNamespace = Reflect.get(globalThis, 'WebAssembly');
  return new Uint8Array(new Memory({ initial: bytes / 0x10000 }).buffer);
}

interface WebAssemblyNamespace {
  readonly Memory: new (descriptor: { initial: number }) => { readonly buffer: ArrayBuffer };
}

/** What stands in the boot loader's own path: how the firmware came to it. */
function bootedFrom(options: ConstructorParameters<typeof BootWorld>[0] = {}) {
  let path = '';
  const loader = application((running) => {
    const { bs, imageHandle } = running;
    const own = bs.handleProtocol(imageHandle, LoadedImageDevicePathProtocol);
    path = own === null ? '' : convertDevicePathToText(own);
    bootOs(running);
  });
  const world = new BootWorld({ ...options, standIn: loader });
  const { kind } = world.boot();
  return { kind, path, world };
}

const HD = 'HD(1,GPT,64e1ab00-0000-4000-8000-0000000000e5,0x800,0x17df)/\\EFI\\BOOT\\BOOTX64.EFI';

describe.each(PROFILES)('PCI topologies, %s', (profile) => {
  test.each([
    [1, 'PciRoot(0x0)/Pci(0x5,0x0)/Pci(0x1,0x0)'],
    [3, 'PciRoot(0x0)/Pci(0x5,0x0)/Pci(0x1,0x0)/Pci(0x2,0x0)/Pci(0x3,0x0)'],
  ])('a disk behind %d bridges is booted from, and falls silent in the end', (levels, above) => {
    const disk = virtioDisk();
    const slots = { '05.0': behindBridges(levels, disk) };
    const { kind, path, world } = bootedFrom({ profile, slots });
    expect(kind).toBe('boot-services-exited');
    expect(path).toBe(`${above}/${HD}`);
    expect(disk.deviceStatus).toBe(0);
    expect(world.findings).toEqual([]);
  });

  test('of eight disks the one with a loader is booted from', () => {
    const disks = Array.from({ length: 8 }, (_, index) =>
      index === 6 ? virtioDisk() : virtioDisk(new Uint8Array(MIB).fill(index)),
    );
    const slots = Object.fromEntries(disks.map((disk, index) => [`0${index + 2}.0`, disk]));
    const { kind, path, world } = bootedFrom({ profile, slots });
    expect(kind).toBe('boot-services-exited');
    expect(path).toBe(`PciRoot(0x0)/Pci(0x8,0x0)/${HD}`);
    expect(world.deviceStatuses).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(world.findings).toEqual([]);
  });

  test('of eight disks with one and the same GPT the first is booted from', () => {
    const slots = Object.fromEntries(
      [2, 3, 4, 5, 6, 7, 8, 9].map((slot) => [`0${slot}.0`, virtioDisk()]),
    );
    expect(bootedFrom({ profile, slots })).toMatchObject({
      kind: 'boot-services-exited',
      path: `PciRoot(0x0)/Pci(0x2,0x0)/${HD}`,
    });
  });

  test('without any disk nothing is left to boot', () => {
    const world = new BootWorld({ profile, slots: {} });
    expect(world.boot()).toMatchObject({ kind: 'stopped', message: 'nothing is left to boot' });
    expect(world.attempts).toEqual([]);
  });
});

describe.each(PROFILES)('disks, %s', (profile) => {
  test.each([
    ['an EFI system partition (0xEF)', 0xef, 63],
    ['FAT12 (0x01)', 0x01, 2048],
    ['FAT32 LBA (0x0C)', 0x0c, 1],
  ])('an MBR with %s (UEFI §5.2)', (_what, type, first) => {
    const { kind, path } = bootedFrom({
      profile,
      slots: { '02.0': virtioDisk(mbrDisk(type, first)) },
    });
    expect(kind).toBe('boot-services-exited');
    expect(path).toBe(
      `PciRoot(0x0)/Pci(0x2,0x0)/HD(1,MBR,0xd1ab0e5d,0x${first.toString(16)},0x17df)/\\EFI\\BOOT\\BOOTX64.EFI`,
    );
  });

  test('a volume without any partition table: a floppy', () => {
    const floppy = virtioDisk(mbrDisk().subarray(63 * 512));
    expect(bootedFrom({ profile, slots: { '02.0': floppy } })).toMatchObject({
      kind: 'boot-services-exited',
      path: 'PciRoot(0x0)/Pci(0x2,0x0)/\\EFI\\BOOT\\BOOTX64.EFI',
    });
  });

  test('a read-only disk boots, and refuses what is written (UEFI §13.5.2)', () => {
    const loader = application((running) => {
      const root = bootVolume(running);
      expect(() => root.open('\\new.txt', 'read-write-create')).toThrow('EFI_WRITE_PROTECTED');
      expect(root.getFileSystemInfo().readOnly).toBe(true);
      bootOs(running);
    });
    const slots = { '02.0': virtioDisk(demoDisk(), { readOnly: true }) };
    const world = new BootWorld({ profile, standIn: loader, slots });
    world.bootTo('boot-services-exited');
    expect(world.console).toBe(KERNEL_TEXT);
  });
});

describe.each(PROFILES)('RAM, %s', (profile) => {
  test.each([
    ['32 MiB', 32 * MIB],
    ['256 MiB', 256 * MIB],
    ['2 GiB', 2 * GIB],
    ['2 GiB and a page', 2 * GIB + 4096],
    ['6 GiB', 6 * GIB],
    ['3 GiB in one piece', [{ base: 0, bytes: new Uint8Array(3 * GIB) }]],
    [
      '8 GiB in three pieces',
      [
        { base: 0, bytes: new Uint8Array(2 * GIB) },
        { base: FOUR_GIB, bytes: new Uint8Array(3 * GIB) },
        { base: FOUR_GIB + 3 * GIB, bytes: new Uint8Array(3 * GIB) },
      ],
    ],
  ])('%s', (_what, memory) => {
    const world = new BootWorld({ profile, memory, standIn: osLoader });
    world.bootTo('boot-services-exited');
    expect(world.console).toBe(KERNEL_TEXT);
    expect(world.findings).toEqual([]);
  });

  test('of 3 GiB, files are read below 4 GiB and above it', () => {
    const loader = application((running) => {
      const { bs, libraries } = running;
      const low = bs.allocatePages('AllocateMaxAddress', 'EfiLoaderData', 1, FOUR_GIB - 1);
      const high = bs.allocatePages('AllocateAddress', 'EfiLoaderData', 1, FOUR_GIB);
      for (const address of [low, high]) {
        const file = bootVolume(running).open(KERNEL, 'read');
        const text = new Uint8Array(file.read({ address, length: 4096 }));
        libraries.ram.readBytes(address, text);
        expect(Buffer.from(text).toString()).toBe(KERNEL_TEXT);
      }
      bootOs(running);
    });
    const world = new BootWorld({ profile, memory: 3 * GIB, standIn: loader });
    world.bootTo('boot-services-exited');
    expect(world.findings).toEqual([]);
  });

  test('the storage below 4 GiB can be that of a WebAssembly.Memory', () => {
    const lowStorage = wasmMemory(64 * MIB);
    const world = new BootWorld({ profile, memory: 64 * MIB, lowStorage });
    const { kind, details } = world.boot();
    expect(kind).toBe('handed-over');
    const entryPoint = Number(details['entryPoint']);
    // The loader's code lies in it, for an interpreter of machine code to run: xor eax, eax; ret.
    expect([...lowStorage.subarray(entryPoint, entryPoint + 3)]).toEqual([0x31, 0xc0, 0xc3]);
    const file = createHash('sha256').update(bootFileOf(demoDisk())).digest('hex');
    expect(details['sha256']).toBe(file);
  });

  test('too little of it is out of resources, not the end of the firmware', () => {
    const loader = application(({ bs }) => {
      expect(() => bs.allocatePages('AllocateAnyPages', 'EfiLoaderData', 1 << 20)).toThrow(
        EfiError,
      );
      bs.allocatePages('AllocateAnyPages', 'EfiLoaderData', 1 << 20);
    });
    const world = new BootWorld({
      profile,
      quirks: OPTIONS_AS_WRITTEN,
      memory: 32 * MIB,
      standIn: loader,
    });
    world.bootTo('stopped');
    expect(world.attempts).toMatchObject([{ status: 'EFI_OUT_OF_RESOURCES' }]);
  });
});

/** A disk as somebody might describe it, with the demonstration on it. */
const anyDisk = fc.record({
  queueSize: fc.integer({ min: 2, max: 15 }).map((bits) => 2 ** bits),
  segMax: fc.integer({ min: 1, max: 300 }),
  sizeMax: fc.integer({ min: 512, max: 100_000 }),
  latency: fc.integer({ min: 0, max: 100_000 }),
  writeCache: fc.boolean(),
  topology: fc.record({ physicalBlockExp: fc.integer({ min: 0, max: 3 }) }),
});

const anyMachine = fc.record({
  profile: fc.constantFrom(...PROFILES),
  memory: fc.oneof(
    fc.integer({ min: 4, max: 64 }).map((mebibytes) => mebibytes * MIB),
    fc.integer({ min: 1, max: 3 * 1024 }).map((mebibytes) => (3 * 1024 + mebibytes) * MIB),
  ),
  disks: fc.array(fc.tuple(anyDisk, fc.integer({ min: 0, max: 4 })), {
    minLength: 1,
    maxLength: 5,
  }),
});

test('whatever the machine, the demonstration disk boots on it', () => {
  fc.assert(
    fc.property(anyMachine, ({ profile, memory, disks }) => {
      const slots = Object.fromEntries(
        disks.map(([blk, levels], index) => [
          `${(index + 2).toString(16)}.0`,
          behindBridges(levels, virtioDisk(undefined, blk)),
        ]),
      );
      const world = new BootWorld({ profile, memory, slots, standIn: osLoader });
      world.bootTo('boot-services-exited');
      expect(world.console).toBe(KERNEL_TEXT);
      expect(world.findings.filter(({ rule }) => rule !== OVMF_BREAKS)).toEqual([]);
    }),
    { numRuns: 12 },
  );
}, 60_000);

describe('when there are but a few pages left below 4 GiB, for bouncing', () => {
  /** A firmware with a driver that leaves nothing longer than 5 pages there, and a disk with a longer ring. */
  function starved(profile: Profile) {
    const glutton = driver(({ bs }) => {
      for (const { type, physicalStart, numberOfPages } of bs.getMemoryMap().descriptors) {
        if (type !== 'EfiConventionalMemory' || physicalStart >= FOUR_GIB) continue;
        bs.allocatePages('AllocateAddress', 'EfiBootServicesData', numberOfPages, physicalStart);
        for (let page = 0; page < Math.min(numberOfPages, 100); page += 6) {
          bs.freePages(physicalStart + page * 4096, 5);
        }
      }
    });
    const rings: unknown[] = [];
    const trace: Tracer = (name, fields) => {
      if (name !== 'memory_region_ops_write') return;
      const { region, address, value } = { region: '', address: 0, value: 0, ...fields };
      // The upper half of queue_desc, in the common structure of BAR 4 (virtio §4.1.4.3).
      if (region === 'virtio-blk BAR4' && address % 0x4000 === 0x24) rings.push(value);
    };
    const world = new BootWorld({
      profile,
      memory: 3 * GIB,
      slots: { '02.0': virtioDisk(undefined, { queueSize: 1024 }) },
      drivers: [glutton],
      standIn: osLoader,
      trace,
    });
    return { world, rings };
  }

  test('specification: the ring lies above', () => {
    const { world, rings } = starved('specification');
    world.bootTo('boot-services-exited');
    expect(rings).toEqual([1]);
    expect(world.console).toBe(KERNEL_TEXT);
    expect(world.findings).toEqual([]);
  });

  test('QUIRK PciHostBridgeDxe.DmaBelow4G: there is no room for it', () => {
    const { world, rings } = starved('edk2');
    world.bootTo('stopped');
    expect(world.startFailures).toEqual([
      expect.stringContaining('VirtioBlkDxe: EFI_OUT_OF_RESOURCES: no 8 free pages in a row'),
    ]);
    expect(rings).toEqual([]);
    expect(world.findings).toEqual([]);
  });
});
