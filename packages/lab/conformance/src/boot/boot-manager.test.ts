import { describe, expect, test } from 'vitest';
import type { DevicePath } from '@dxelab/uefi';
import {
  convertDevicePathToText,
  convertTextToDevicePath,
  LoadedImageDevicePathProtocol,
  LoadedImageProtocol,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import type { BootWorldOptions } from './boot-world.fixture.ts';
import { BootWorld, OPTIONS_AS_WRITTEN, virtioDisk } from './boot-world.fixture.ts';
import { bootEntryOf, bootFileOf, changedDisk, diskNumber } from './demo-disk.fixture.ts';
import { application, bootOs } from './programs.fixture.ts';

const FILE = '\\EFI\\BOOT\\BOOTX64.EFI';
const hd = (n: number): string =>
  `HD(1,GPT,64e1ab00-0000-4000-8000-0000000000${n.toString(16).padStart(2, '0')},0x800,0x17df)`;
const pci = (slot: number): string => `PciRoot(0x0)/Pci(0x${slot.toString(16)},0x0)`;

const path = (text: string): DevicePath => convertTextToDevicePath(text);
const option = (text: string) => ({ description: text, devicePath: path(text) });

/** A world with disks 2, 3 and 4 in the slots of these numbers, and where its loader came from. */
function boot(options: BootWorldOptions) {
  let from = '';
  let loadOptions = '';
  const standIn = application((running) => {
    const { bs, imageHandle } = running;
    const own = bs.handleProtocol(imageHandle, LoadedImageDevicePathProtocol);
    from = own === null ? '' : convertDevicePathToText(own);
    loadOptions = Buffer.from(
      bs.handleProtocol(imageHandle, LoadedImageProtocol).loadOptions,
    ).toString();
    bootOs(running);
  });
  const slots = Object.fromEntries([2, 3, 4].map((n) => [`0${n}.0`, virtioDisk(diskNumber(n))]));
  const world = new BootWorld({ slots, standIn, quirks: OPTIONS_AS_WRITTEN, ...options });
  const { kind } = world.boot();
  return { kind, from, loadOptions, attempts: world.attempts, world };
}

describe.each(PROFILES)('boot options (UEFI §3.1), %s', (profile) => {
  test.each([
    ['a full path', `${pci(3)}/${hd(3)}/${FILE}`, `${pci(3)}/${hd(3)}/${FILE}`],
    [
      'the short form that begins with a hard drive',
      `${hd(4)}/${FILE}`,
      `${pci(4)}/${hd(4)}/${FILE}`,
    ],
    ['the short form that is a file path', FILE, `${pci(2)}/${hd(2)}/${FILE}`],
    ['a whole disk', pci(4), `${pci(4)}/${hd(4)}/${FILE}`],
    ['a partition', `${pci(3)}/${hd(3)}`, `${pci(3)}/${hd(3)}/${FILE}`],
    ['a partition, as a short form', hd(3), `${pci(3)}/${hd(3)}/${FILE}`],
    [
      'a file of another case',
      `${hd(3)}/\\efi\\boot\\bootx64.efi`,
      `${pci(3)}/${hd(3)}/\\efi\\boot\\bootx64.efi`,
    ],
  ])('%s is booted', (_what, text, expected) => {
    const { kind, from, attempts } = boot({ profile, bootOptions: [option(text)] });
    expect(kind).toBe('boot-services-exited');
    expect(from).toBe(expected);
    expect(attempts).toEqual([]);
  });

  test('only what the option needs is connected', () => {
    const { world } = boot({ profile, bootOptions: [option(`${pci(3)}/${hd(3)}/${FILE}`)] });
    const connected = world.deviceTree.filter((line) => line.includes('BlockIo'));
    expect(connected.every((line) => line.startsWith(pci(3)))).toBe(true);
    expect(connected).toHaveLength(2);
  });

  test('the optional data go to the image as its load options (§3.1.3)', () => {
    const optionalData = Buffer.from('root=/dev/vda1 quiet');
    const bootOptions = [{ ...option(hd(2)), optionalData }];
    expect(boot({ profile, bootOptions }).loadOptions).toBe('root=/dev/vda1 quiet');
  });

  test('without options the removable-media file of the first volume is booted (§3.5.1.1)', () => {
    expect(boot({ profile }).from).toBe(`${pci(2)}/${hd(2)}/${FILE}`);
  });

  test('an option that returns makes room for the next: there is no menu (§3.1.1)', () => {
    let runs = 0;
    const standIn = application(() => void runs++);
    const world = new BootWorld({ profile, standIn, bootOptions: [option(FILE), option(FILE)] });
    world.bootTo('stopped');
    expect(runs).toBe(3);
    expect(world.attempts).toMatchObject(
      [FILE, FILE, 'removable media'].map((description) => ({
        description,
        status: 'EFI_SUCCESS',
      })),
    );
  });
});

const WITHOUT_FILE = changedDisk((disk) => bootEntryOf(disk).set(Buffer.from('BOOTAA64')));
const WITHOUT_IMAGE = changedDisk((disk) => bootFileOf(disk).set(Buffer.from('#!/bin/sh\n')));
const FOR_IA32 = changedDisk((disk) => bootFileOf(disk).set([0x4c, 0x01], 0x44));

/** What is wrong with a disk, and what is said of an option that leads to it. */
const FAILURES: readonly (readonly [
  what: string,
  disk: Uint8Array,
  option: string,
  status: string,
  reason: RegExp,
])[] = [
  [
    'no such device',
    diskNumber(2),
    `PciRoot(0x0)/Pci(0x1e,0x0)/${hd(2)}/${FILE}`,
    'EFI_NOT_FOUND',
    /no volume is on PciRoot\(0x0\)\/Pci\(0x1e,0x0\)/,
  ],
  [
    'no such partition',
    diskNumber(2),
    hd(9),
    'EFI_NOT_FOUND',
    /no device of this machine has that path/,
  ],
  ['no such file', diskNumber(2), `${hd(2)}/\\EFI\\linux.efi`, 'EFI_NOT_FOUND', /linux\.efi/],
  ['no boot file', WITHOUT_FILE, pci(2), 'EFI_NOT_FOUND', /BOOTX64\.EFI/],
  [
    'a directory in its place',
    diskNumber(2),
    `${hd(2)}/\\EFI\\BOOT`,
    'EFI_UNSUPPORTED',
    /\\EFI\\BOOT is a directory/,
  ],
  ['no PE image', WITHOUT_IMAGE, pci(2), 'EFI_UNSUPPORTED', /a PE image is expected/],
  ['an image for IA32', FOR_IA32, pci(2), 'EFI_UNSUPPORTED', /IA32|not for this machine/],
  [
    'an image for AArch64',
    changedDisk((disk) => bootFileOf(disk).set([0x64, 0xaa], 0x44)),
    pci(2),
    'EFI_UNSUPPORTED',
    /AArch64|AARCH64|ARM64/i,
  ],
  [
    'both headers of the GPT broken',
    changedDisk((disk) => {
      disk[512 + 24] = 0xff;
      disk[disk.length - 512 + 32] = 0xff;
    }),
    `${pci(2)}/${hd(0xe5)}/${FILE}`,
    'EFI_NOT_FOUND',
    /no volume is on/,
  ],
];

describe.each(PROFILES)('an option that fails is told of, and the next is tried, %s', (profile) => {
  test.each(FAILURES)('%s', (_what, disk, text, status, reason) => {
    const slots = { '02.0': virtioDisk(disk), '03.0': virtioDisk(diskNumber(3)) };
    const bootOptions = [option(text), option(pci(3))];
    const { kind, from, attempts, world } = boot({ profile, slots, bootOptions });
    expect(attempts).toMatchObject([
      { description: text, status, reason: expect.stringMatching(reason) },
    ]);
    expect(kind).toBe('boot-services-exited');
    expect(from).toBe(`${pci(3)}/${hd(3)}/${FILE}`);
    // It stands on the console too.
    expect(world.console).toContain(`BdsDxe: "${text}" from `);
  });

  test('when all have failed, the removable-media file is, and then nothing is left', () => {
    const slots = {
      '02.0': virtioDisk(WITHOUT_FILE),
      '03.0': virtioDisk(WITHOUT_IMAGE),
      '04.0': virtioDisk(FOR_IA32),
    };
    const bootOptions = [option(hd(9)), option(`${pci(2)}/\\nothing.efi`)];
    const { kind, attempts } = boot({ profile, slots, bootOptions });
    expect(kind).toBe('stopped');
    expect(attempts.map(({ description, status }) => [description, status])).toEqual([
      [hd(9), 'EFI_NOT_FOUND'],
      [`${pci(2)}/\\nothing.efi`, 'EFI_NOT_FOUND'],
      ['removable media', 'EFI_NOT_FOUND'],
      ['removable media', 'EFI_UNSUPPORTED'],
      ['removable media', 'EFI_UNSUPPORTED'],
    ]);
  });

  test('what an image exits with is why it failed', () => {
    const standIn = application(({ bs, imageHandle }) => bs.exit(imageHandle, 'EFI_ABORTED'));
    const { attempts, kind } = boot({ profile, standIn, bootOptions: [option(hd(2))] });
    expect(kind).toBe('stopped');
    expect(attempts.map(({ status }) => status)).toEqual([
      'EFI_ABORTED',
      'EFI_ABORTED',
      'EFI_ABORTED',
      'EFI_ABORTED',
    ]);
    expect(attempts[0]?.reason).toContain('BOOTX64.EFI failed: it called Exit');
  });
});
