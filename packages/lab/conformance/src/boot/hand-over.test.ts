import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { EFI_EVENT_GROUP_READY_TO_BOOT, EVT_NOTIFY_SIGNAL, TPL_CALLBACK } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { BootWorld, virtioDisk } from './boot-world.fixture.ts';
import { bootFileOf, demoDisk } from './demo-disk.fixture.ts';
import { driver } from './programs.fixture.ts';

describe.each(PROFILES)('machine code that nothing here executes, %s', (profile) => {
  test('ends the world handed over, and says to what', () => {
    const disk = demoDisk();
    const world = new BootWorld({ profile, slots: { '02.0': virtioDisk(disk) } });
    const { kind, details, message } = world.boot();
    expect(kind).toBe('handed-over');
    expect(message).toMatch(/^control went to \\EFI\\BOOT\\BOOTX64\.EFI at 0x[0-9a-f]+$/);
    expect(details).toMatchObject({
      image: '\\EFI\\BOOT\\BOOTX64.EFI',
      devicePath:
        'PciRoot(0x0)/Pci(0x2,0x0)/HD(1,GPT,64e1ab00-0000-4000-8000-0000000000e5,0x800,0x17df)/\\EFI\\BOOT\\BOOTX64.EFI',
      sha256: createHash('sha256').update(bootFileOf(disk)).digest('hex'),
    });
    expect(world.attempts).toEqual([]);
    expect(world.findings).toEqual([]);
  });

  test('the entry point lies in the image, which lies relocated in guest RAM', () => {
    const world = new BootWorld({ profile });
    const entryPoint = Number(world.boot().details['entryPoint']);
    const image = world.core.images().find(({ name }) => name === 'BOOTX64.EFI');
    const { imageBase, imageSize } = image?.loadedImage ?? { imageBase: 0, imageSize: 0 };
    // As its headers say: AddressOfEntryPoint 0x1000, SizeOfImage 0x4000.
    expect(entryPoint - imageBase).toBe(0x1000);
    expect(imageSize).toBe(0x4000);
    const { ram } = world.machine;
    // xor eax, eax; ret
    expect([0, 1, 2].map((at) => ram.readUint8(entryPoint + at))).toEqual([0x31, 0xc0, 0xc3]);
    // The one address in it that had to be relocated.
    expect(ram.readUint32(imageBase + 0x2000)).toBe(entryPoint);
  });

  test('ReadyToBoot is signalled before it, once for the attempt (UEFI §3.1.7)', () => {
    const heard: unknown[] = [];
    const listener = driver(({ bs }) => {
      bs.createEventEx(
        EVT_NOTIFY_SIGNAL,
        TPL_CALLBACK,
        () => heard.push(world.core.images().some(({ name }) => name === 'BOOTX64.EFI')),
        undefined,
        EFI_EVENT_GROUP_READY_TO_BOOT,
      );
    });
    const world: BootWorld = new BootWorld({ profile, drivers: [listener] });
    world.bootTo('handed-over');
    // The image was not loaded yet.
    expect(heard).toEqual([false]);
  });

  test('boot services have not ended, and the devices are alive: the machine code would do that', () => {
    const world = new BootWorld({ profile });
    world.boot();
    expect(world.core.bootServicesEndedBy).toBeUndefined();
    expect(world.deviceStatuses).toEqual([15]);
  });
});
