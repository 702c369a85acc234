import { diskIoDxe } from '@dxelab/disk-io-dxe';
import { Mc146818 } from '@dxelab/emulated-machine';
import { fatDxe } from '@dxelab/fat-dxe';
import { pcatRealTimeClockRuntimeDxe } from '@dxelab/pcat-real-time-clock-runtime-dxe';
import { SimpleFileSystemProtocol } from '@dxelab/uefi';
import type { EfiFile } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { variableRuntimeDxe } from '@dxelab/variable-runtime-dxe';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DiskWorld } from '../partition-dxe/disk-world.fixture.ts';
import { FatImage, missingTools } from './fat-tools.fixture.ts';
import { floppy } from './floppy.fixture.ts';

const missing = missingTools();
const NOON = Date.UTC(2026, 10, 21, 12, 0, 0) / 1000;
const MODULES = [variableRuntimeDxe(), pcatRealTimeClockRuntimeDxe, diskIoDxe, fatDxe];

/** A firmware on a machine whose clock shows that time, or that has none. */
function world(profile: (typeof PROFILES)[number], time?: number): DiskWorld {
  const devices = time === undefined ? [] : [new Mc146818({ time })];
  return new DiskWorld(profile, {}, MODULES, devices);
}

function rootOf(one: DiskWorld, bytes: Uint8Array): EfiFile {
  const { handle } = one.connectDisk(bytes);
  return one.open(handle, SimpleFileSystemProtocol).openVolume();
}

function write(root: EfiFile, name: string): EfiFile {
  const file = root.open(name, 'read-write-create');
  file.write(Uint8Array.of(1, 2, 3));
  file.flush();
  return file;
}

describe.each(PROFILES)('the times of files (UEFI §13.5.16, %s)', (profile) => {
  test('are those of the clock: when it was created, and when it was last written', () => {
    const one = world(profile, NOON);
    const file = write(rootOf(one, floppy('DXELAB')), 'new.txt');
    one.bs.stall(90_000_000);
    file.write(Uint8Array.of(4));
    file.flush();
    const { createTime, modificationTime, lastAccessTime } = file.getInfo();
    const noon = { year: 2026, month: 11, day: 21, hour: 12, minute: 0, timeZone: undefined };
    expect(createTime).toMatchObject(noon);
    expect(modificationTime).toMatchObject({ ...noon, minute: 1, second: 30 });
    expect(lastAccessTime).toMatchObject({ year: 2026, month: 11, day: 21 });
  });

  test('follow SetTime, and know no time zone', () => {
    const one = world(profile, NOON);
    const root = rootOf(one, floppy('DXELAB'));
    const rt = one.core.systemTable.runtimeServices;
    rt.setTime({ ...rt.getTime().time, year: 2030, timeZone: -120 });
    const { modificationTime } = write(root, 'new.txt').getInfo();
    expect(modificationTime).toMatchObject({ year: 2030, hour: 12, timeZone: undefined });
  });

  test('without a clock they are the first that FAT knows', () => {
    const file = write(rootOf(world(profile), floppy('DXELAB')), 'new.txt');
    expect(file.getInfo().modificationTime).toMatchObject({ year: 1980, month: 1, day: 1 });
  });

  test.skipIf(missing !== undefined)(`are read by mtools ${missing ?? ''}`, () => {
    const format = { fat: 12, size: 1_474_560, sectorsPerCluster: 1, sectorSize: 512 } as const;
    using image = new FatImage(format);
    image.copyIn('/old.txt', Uint8Array.of(1));
    const bytes = new Uint8Array(readFileSync(image.path));
    const root = rootOf(world(profile, NOON), bytes);
    write(root, 'new.txt');
    write(root, 'old.txt');
    writeFileSync(image.path, bytes);
    expect(image.writtenAt('/new.txt')).toBe('2026-11-21 12:00');
    expect(image.writtenAt('/old.txt')).toBe('2026-11-21 12:00');
    expect(image.check().status).toBe(0);
  });
});
