import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDisk } from '@dxelab/node-host';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PROFILES } from '@dxelab/uefi-lib';
import { OverlayBackend } from '@dxelab/virtio-devices';
import { BootWorld, OPTIONS_AS_WRITTEN, virtioDisk } from './boot-world.fixture.ts';
import {
  bootFileOf,
  changedDisk,
  demoDisk,
  diskNumber,
  ESP_FIRST,
  GPT_ENTRIES,
  sealGpt,
} from './demo-disk.fixture.ts';
import { DemoVolume } from './demo-volume.fixture.ts';
import { application, bootOs, bootVolume, KERNEL, osLoader, readFile } from './programs.fixture.ts';

const LAST = 8191;

/** All that was said about a boot. */
function told({ attempts, startFailures, debug }: BootWorld): string {
  return [
    ...attempts.map(({ status, reason }) => `${status} ${reason}`),
    ...startFailures,
    ...debug.map(({ module, message }) => `${module}: ${message}`),
  ].join('\n');
}

/** A disk in whose GPT entry `index` something was written, with headers that agree with it. */
function entryChanged(change: (view: DataView, entry: number) => void): Uint8Array {
  return changedDisk((disk, view) => {
    for (const entries of GPT_ENTRIES) change(view, entries);
    sealGpt(disk);
  });
}

/** A second entry of the EFI system partition's type, from block to block. */
function secondEntry(view: DataView, entries: number, first: bigint, last: bigint): void {
  const second = entries + 128;
  for (let at = 0; at < 128; at++) view.setUint8(second + at, view.getUint8(entries + at));
  view.setUint8(second + 16, 0x77);
  view.setBigUint64(second + 32, first, true);
  view.setBigUint64(second + 40, last, true);
}

/** What is said of an entry that is out of range: EDK II believes the header, and finds no file system. */
const LEFT_OUT = {
  specification: /GPT: partition [12] is left out: /,
  edk2: /GPT|no FAT volume|EFI_/,
};

describe.each(PROFILES)('a GPT that cannot be believed (UEFI §5.3), %s', (profile) => {
  const boot = (disk: Uint8Array) => {
    const world = new BootWorld({
      quirks: OPTIONS_AS_WRITTEN,
      profile,
      standIn: osLoader,
      slots: { '02.0': virtioDisk(disk) },
    });
    return { kind: world.boot().kind, world };
  };

  test.each<[string, number, RegExp]>([
    ['in the primary header', 512, /primary is broken/],
    ['in the primary entries', 1024, /primary is broken/],
    ['in the backup header', LAST * 512, /backup is broken/],
    ['in the backup entries', (LAST - 32) * 512, /backup is broken/],
  ])('one bit wrong %s: the other copy is used', (_where, at, message) => {
    const { kind, world } = boot(
      changedDisk((disk) => void (disk[at + 60] = (disk[at + 60] ?? 0) ^ 1)),
    );
    expect(kind).toBe('boot-services-exited');
    expect(told(world)).toMatch(message);
  });

  test('both headers broken: no partitions, and what is wrong with each', () => {
    const { kind, world } = boot(
      changedDisk((disk) => {
        disk[512 + 60] = 0xff;
        disk[LAST * 512] = 0;
      }),
    );
    expect(kind).toBe('stopped');
    expect(told(world)).toMatch(/primary is broken: .*CRC/i);
    expect(told(world)).toMatch(/and so is the backup: .*signature/i);
  });

  test.each<[string, bigint, bigint]>([
    ['ends before it begins', 5000n, 4000n],
    ['begins before the first usable block', 2n, 4000n],
    ['ends behind the disk', 4000n, 100_000n],
    ['lies beyond 2^53', 2n ** 60n, 2n ** 61n],
    ['goes to the last block that 64 bits can name', 34n, 2n ** 64n - 1n],
  ])('an entry that %s is left out, and the disk boots from the other', (_what, first, last) => {
    const { kind, world } = boot(
      entryChanged((view, entries) => secondEntry(view, entries, first, last)),
    );
    expect(kind).toBe('boot-services-exited');
    expect(told(world)).toMatch(LEFT_OUT[profile]);
  });

  test('the boot partition itself out of range: nothing is left to boot', () => {
    const { kind, world } = boot(
      entryChanged((view, entries) => view.setBigUint64(entries + 40, 2n ** 63n, true)),
    );
    expect(kind).toBe('stopped');
    expect(told(world)).toMatch(LEFT_OUT[profile]);
  });

  test('entries that overlap are both left out: nobody knows whose the blocks are', () => {
    const { kind, world } = boot(
      entryChanged((view, entries) => secondEntry(view, entries, 4000n, 5000n)),
    );
    expect(kind).toBe('stopped');
    expect(told(world)).toMatch(/overlap/);
  });
});

describe.each(PROFILES)('a FAT volume that cannot be believed, %s', (profile) => {
  const broken = (change: (volume: DemoVolume) => void): Uint8Array =>
    changedDisk((disk) => change(new DemoVolume(disk)));
  const boot = (disk: Uint8Array) => {
    const slots = { '02.0': virtioDisk(disk), '03.0': virtioDisk(diskNumber(3)) };
    // The file and not its length, for that is what a loader trusts.
    const standIn = application((running) => {
      readFile(running, KERNEL);
      bootOs(running);
    });
    const world = new BootWorld({ profile, quirks: OPTIONS_AS_WRITTEN, standIn, slots });
    world.bootTo('boot-services-exited');
    return world;
  };

  test('a chain that bites its tail', () => {
    const world = boot(
      broken((volume) => {
        const first = volume.clusterOf('BOOTX64 EFI');
        volume.link(first, first);
        volume.setSize('BOOTX64 EFI', 1 << 20);
      }),
    );
    expect(world.attempts).toMatchObject([{ status: 'EFI_VOLUME_CORRUPTED' }]);
  });

  test.each([
    ['beyond the volume', 0xff0],
    ['that is none (1)', 1],
    ['of the free ones (0)', 0],
    ['marked bad', 0xff7],
  ])('a chain that goes to a cluster %s', (_what, next) => {
    const world = boot(
      broken((volume) => {
        volume.link(volume.clusterOf('BOOTX64 EFI'), next);
        volume.setSize('BOOTX64 EFI', 4096);
      }),
    );
    expect(world.attempts).toMatchObject([{ status: 'EFI_VOLUME_CORRUPTED' }]);
  });

  test('a file that begins beyond the volume', () => {
    const world = boot(broken((volume) => volume.setCluster('BOOTX64 EFI', 0xfee)));
    expect(world.attempts).toMatchObject([{ status: 'EFI_VOLUME_CORRUPTED' }]);
  });

  test('a chain shorter than the file', () => {
    const world = boot(broken((volume) => volume.setSize('BOOTX64 EFI', 1 << 20)));
    expect(world.attempts).toMatchObject([{ status: 'EFI_VOLUME_CORRUPTED' }]);
  });

  test('a file of 4 GiB less one byte, in a volume of 3 MiB', () => {
    const world = boot(broken((volume) => volume.setSize('BOOTX64 EFI', 0xffff_ffff)));
    expect(world.attempts[0]?.status).toMatch(/EFI_(VOLUME_CORRUPTED|OUT_OF_RESOURCES)/);
  });

  test('an empty file', () => {
    const world = boot(
      broken((volume) => {
        volume.setCluster('BOOTX64 EFI', 0);
        volume.setSize('BOOTX64 EFI', 0);
      }),
    );
    expect(world.attempts[0]?.status).toMatch(/EFI_(LOAD_ERROR|INVALID_PARAMETER)/);
  });

  test('a directory that is its own parent', () => {
    const world = boot(broken((volume) => volume.setCluster('BOOT', volume.clusterOf('EFI'))));
    expect(world.attempts[0]?.status).toMatch(/EFI_(NOT_FOUND|VOLUME_CORRUPTED)/);
  });

  test('two files whose chains meet: specification refuses both, EDK II does not see it', () => {
    const disk = broken((volume) => {
      for (const name of ['BOOTX64 EFI', 'KERNEL~1TXT']) {
        volume.link(volume.clusterOf(name), 9);
        volume.setSize(name, 4096);
      }
      volume.link(9, 0xfff);
    });
    const world = boot(disk);
    const refused = [
      { status: 'EFI_VOLUME_CORRUPTED', reason: expect.stringMatching(/two chains meet/) },
    ];
    expect(world.attempts).toMatchObject(profile === 'edk2' ? [] : refused);
  });

  test('two files with the same first cluster, while both are open', () => {
    const disk = broken((volume) =>
      volume.setCluster('KERNEL~1TXT', volume.clusterOf('LOADER~1CON')),
    );
    const standIn = application((running) => {
      const kept = bootVolume(running).open('\\loader\\loader.conf', 'read');
      kept.read(new Uint8Array(16));
      bootOs(running);
    });
    const world = new BootWorld({
      profile,
      quirks: OPTIONS_AS_WRITTEN,
      standIn,
      slots: { '02.0': virtioDisk(disk) },
    });
    world.bootTo(profile === 'edk2' ? 'boot-services-exited' : 'stopped');
    const refused = [{ status: 'EFI_VOLUME_CORRUPTED' }];
    expect(world.attempts).toMatchObject(profile === 'edk2' ? [] : refused);
  });

  test.each<[string, (sector: DataView) => void]>([
    ['of 3 bytes', (sector) => sector.setUint16(11, 3, true)],
    ['of 0 bytes', (sector) => sector.setUint16(11, 0, true)],
    ['in clusters of 0', (sector) => sector.setUint8(13, 0)],
    ['more than the partition has', (sector) => sector.setUint16(19, 0xffff, true)],
  ])('sectors %s', (_what, change) => {
    const world = boot(
      broken(({ bootSector }) => change(new DataView(bootSector.buffer, bootSector.byteOffset))),
    );
    // In any case the other disk is booted; EDK II mounts the one whose medium is too small.
    const refused = /FatDxe: EFI_(UNSUPPORTED|VOLUME_CORRUPTED)/;
    expect(told(world)).toMatch(profile === 'edk2' ? /FatDxe/ : refused);
  });
});

describe.each(PROFILES)('an image that is not all there, %s', (profile) => {
  test.each([
    ['one sector of zeros', new Uint8Array(512)],
    ['a megabyte of zeros', new Uint8Array(1 << 20)],
    ['nothing but ones', new Uint8Array(1 << 20).fill(0xff)],
  ])('%s: nothing is left to boot', (_what, disk) => {
    const world = new BootWorld({
      profile,
      quirks: OPTIONS_AS_WRITTEN,
      slots: { '02.0': virtioDisk(disk) },
    });
    world.bootTo('stopped');
    expect(world.attempts).toEqual([]);
    expect(told(world)).toMatch(/PartitionDxe: EFI_NOT_FOUND: no GPT/);
  });

  test.each([1024, 34 * 512, 1 << 20, (1 << 20) + 512, (1 << 20) + 20 * 512, 2 << 20, 3 << 20])(
    'the demonstration disk cut off after %i bytes: a clear end',
    (size) => {
      const disk = demoDisk().slice(0, size);
      const world = new BootWorld({
        quirks: OPTIONS_AS_WRITTEN,
        profile,
        standIn: osLoader,
        slots: { '02.0': virtioDisk(disk) },
      });
      // A partition has to be on the disk with all its blocks; EDK II is content with those it reads.
      const ends = profile === 'edk2' ? ['stopped', 'boot-services-exited'] : ['stopped'];
      expect(ends).toContain(world.boot().kind);
    },
  );

  test('a file that is cut off while the guest reads it is a disk with an error, no hang', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dxelab-boot-'));
    const path = join(folder, 'disk.img');
    writeFileSync(path, demoDisk());
    const disk = openDisk(path, false);
    const standIn = application((running) => {
      truncateSync(path, ESP_FIRST * 512);
      bootOs(running);
    });
    const slots = { '02.0': virtioDisk(new OverlayBackend(disk.backend)) };
    const world = new BootWorld({ profile, quirks: OPTIONS_AS_WRITTEN, standIn, slots });
    world.bootTo('stopped');
    expect(world.attempts).toMatchObject([{ status: 'EFI_DEVICE_ERROR' }]);
    disk.close();
    rmSync(folder, { recursive: true });
  });
});

describe.each(PROFILES)('a boot file that is no good image, %s', (profile) => {
  const PE = 0x40;
  test.each<[string, (view: DataView) => void]>([
    [
      'a section that lies outside the file',
      (view) => view.setUint32(PE + 24 + 240 + 20, 0x10_0000, true),
    ],
    [
      'a section that lies outside the image',
      (view) => view.setUint32(PE + 24 + 240 + 12, 0x7000_0000, true),
    ],
    ['an entry point outside the image', (view) => view.setUint32(PE + 24 + 16, 0x7fff_ffff, true)],
    ['a size of 4 GiB', (view) => view.setUint32(PE + 24 + 56, 0xffff_f000, true)],
    [
      'relocations outside the image',
      (view) => view.setUint32(PE + 24 + 112 + 40, 0x7000_0000, true),
    ],
    ['more sections than the file has room for', (view) => view.setUint16(PE + 6, 0xffff, true)],
    ['PE header behind the end', (view) => view.setUint32(0x3c, 0xffff_fff0, true)],
    ['a subsystem of Windows', (view) => view.setUint16(PE + 24 + 68, 3, true)],
  ])('%s: the attempt fails, with a reason', (_what, change) => {
    const disk = changedDisk((image) => {
      const file = bootFileOf(image);
      change(new DataView(file.buffer, file.byteOffset, file.length));
    });
    const world = new BootWorld({
      profile,
      quirks: OPTIONS_AS_WRITTEN,
      slots: { '02.0': virtioDisk(disk) },
    });
    world.bootTo('stopped');
    expect(world.attempts).toHaveLength(1);
    expect(world.attempts[0]?.status).toMatch(/EFI_(UNSUPPORTED|LOAD_ERROR|OUT_OF_RESOURCES)/);
    expect(world.attempts[0]?.reason.length).toBeGreaterThan(30);
  });
});

describe.each(PROFILES)('a disk with bytes changed at random, %s', (profile) => {
  /** Where a changed byte matters: tables, file allocation tables, directories, the boot file. */
  const place = fc.oneof(
    fc.integer({ min: 0, max: 34 * 512 }),
    fc.integer({ min: ESP_FIRST * 512, max: (ESP_FIRST + 70) * 512 }),
    fc.integer({ min: (LAST - 33) * 512, max: LAST * 512 + 511 }),
  );

  test('ends its boot in one of the ways that there are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(place, fc.nat({ max: 255 })), { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        (changes, sealed) => {
          const disk = demoDisk();
          for (const [at, value] of changes) disk[at] = value;
          if (sealed) sealIfPossible(disk);
          const world = new BootWorld({
            profile,
            quirks: OPTIONS_AS_WRITTEN,
            slots: { '02.0': virtioDisk(disk) },
          });
          expect(['handed-over', 'stopped']).toContain(world.boot().kind);
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);
});

/** Checksums that are right let what was changed come further. */
function sealIfPossible(disk: Uint8Array): void {
  try {
    sealGpt(disk);
  } catch {
    // The headers point nowhere: the checksums stay wrong.
  }
}
