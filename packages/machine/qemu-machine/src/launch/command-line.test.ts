import { describe, expect, test } from 'vitest';
import { commandLine } from './command-line.ts';
import type { CommandLineOptions } from './command-line.ts';
import { qemuVirtio, qemuVirtioBlk, qemuVirtioRng, qemuVirtioScsi } from './qemu-device.ts';

/** The command line as one would type it. */
function typed(options: Partial<CommandLineOptions> = {}): string {
  return commandLine({
    qemu: { path: '/usr/bin/qemu', version: '7.2', accelerators: ['tcg', 'kvm'] },
    machine: 'q35',
    memory: 0x400_0000,
    devices: [],
    virtioMmioVersion: 2,
    sharesRam: true,
    ...options,
  }).join(' ');
}

const image = { path: '/tmp/a b,c:d.img', access: 'write' } as const;

describe('the command line', () => {
  test('nothing that is not asked for, and files by the numbers under which they are inherited', () => {
    expect(typed()).toBe(
      '-accel tcg -nodefaults -no-user-config -display none ' +
        '-machine q35,max-ram-below-4g=2G,memory-backend=ram -m 67108864B ' +
        '-object memory-backend-file,id=ram,size=67108864,share=on,mem-path=/dev/fd/5 ' +
        '-bios /dev/fd/3 -chardev file,id=console,path=/dev/fd/4 -serial chardev:console ' +
        '-qtest stdio -qtest-log /dev/null -global virtio-mmio.force-legacy=off ' +
        '-global virtio-mmio.ioeventfd=off',
    );
  });

  test('a serial port at which something may be typed is a pipe with a name, commas and all', () => {
    expect(typed({ consolePath: '/tmp/a,b/console' })).toContain(
      '-chardev pipe,id=console,path=/tmp/a,,b/console -serial chardev:console',
    );
  });

  test('a seed, for runs that repeat', () => {
    expect(typed({ seed: 7 })).toMatch(/ -seed 7$/);
  });

  test("a time for the clock, or else the host's", () => {
    const time = Date.UTC(2026, 10, 21, 12, 34, 56) / 1000;
    expect(typed({ time })).toMatch(/ -rtc base=2026-11-21T12:34:56$/);
    expect(typed()).not.toContain('-rtc');
  });

  test('RAM of its own', () => {
    expect(typed({ sharesRam: false })).toContain('-machine q35,max-ram-below-4g=2G -m');
    expect(typed({ sharesRam: false })).not.toContain('memory-backend');
  });

  test('microvm, whose RAM cannot be split elsewhere, with transports of version 1', () => {
    const line = typed({ machine: 'microvm', virtioMmioVersion: 1 });
    expect(line).toContain('-machine microvm,memory-backend=ram');
    expect(line).toContain('-global virtio-mmio.force-legacy=on');
  });

  test.for([
    [['qtest', 'kvm'], 'kvm'],
    [['qtest'], 'qtest'],
    [['kvm', 'tcg'], 'tcg'],
  ] as const)('of the accelerators %s it takes %s', ([accelerators, taken]) => {
    const qemu = { path: '/usr/bin/qemu', version: '7.2', accelerators };
    expect(typed({ qemu })).toMatch(`-accel ${taken} `);
  });
});

describe('devices', () => {
  test('a modern, a legacy and a transitional function', () => {
    const rng = (transport: 'pci-modern' | 'pci-legacy' | 'pci-transitional'): string =>
      typed({ devices: [qemuVirtioRng({ transport, slot: '03.0' })] })
        .split('=off ')
        .at(-1) ?? '';
    expect(rng('pci-modern')).toBe(
      '-device virtio-rng-pci,addr=03.0,disable-legacy=on,disable-modern=off,ioeventfd=off',
    );
    expect(rng('pci-legacy')).toContain('disable-legacy=off,disable-modern=on');
    expect(rng('pci-transitional')).toContain('disable-legacy=off,disable-modern=off');
  });

  test('a transport of microvm', () => {
    const device = qemuVirtio('scsi', { transport: 'mmio', slot: 5 });
    expect(typed({ devices: [device] })).toMatch(
      / -device virtio-scsi-device,bus=virtio-mmio-bus.5$/,
    );
  });

  test('disks have a drive each, and a path keeps its commas', () => {
    const disk = (slot: string, access: 'read-only' | 'discard' | 'write') =>
      qemuVirtioBlk({ transport: 'pci-modern', slot, image: { ...image, access } });
    const line = typed({ devices: [disk('02.0', 'discard'), disk('03.0', 'read-only')] });
    expect(line).toContain(
      '-drive if=none,id=drive0,format=raw,readonly=off,snapshot=on,' +
        'file.driver=file,file.filename=/tmp/a b,,c:d.img -device virtio-blk-pci,addr=02.0',
    );
    expect(line).toContain('id=drive1,format=raw,readonly=on,snapshot=off');
    expect(line).toContain('drive=drive0 ');
    expect(line).toMatch(/,drive=drive1$/);
  });

  test('a SCSI host has its logical units on its bus, each with a drive of its own', () => {
    const disk = qemuVirtioBlk({ transport: 'pci-modern', slot: '02.0', image });
    const properties = { removable: true };
    const scsi = qemuVirtioScsi({
      transport: 'mmio',
      slot: 5,
      units: [
        { type: 'disk', target: 3, lun: 300, image, properties },
        { type: 'cdrom', target: 4, lun: 0 },
      ],
    });
    const line = typed({ devices: [disk, scsi] });
    expect(line).toContain(' -device virtio-scsi-device,bus=virtio-mmio-bus.5,id=host1 ');
    expect(line).toContain(' -drive if=none,id=drive1-0,');
    expect(line).toMatch(
      / -device scsi-hd,bus=host1\.0,scsi-id=3,lun=300,removable=on,drive=drive1-0 -device scsi-cd,bus=host1\.0,scsi-id=4,lun=0$/,
    );
  });

  test.for([
    ['seeded', '-object rng-builtin,id=rng1'],
    ['host', '-object rng-random,filename=/dev/urandom,id=rng1'],
  ] as const)('entropy has an object behind it: %s', ([entropy, object]) => {
    const disk = qemuVirtioBlk({ transport: 'pci-modern', slot: '02.0', image });
    const rng = qemuVirtioRng({ transport: 'mmio', slot: 5, entropy });
    expect(typed({ devices: [disk, rng] })).toMatch(
      `${object} -device virtio-rng-device,bus=virtio-mmio-bus.5,rng=rng1`,
    );
  });

  test('properties of any type', () => {
    const properties = { iommu_platform: true, packed: false, 'queue-size': 8, serial: 'a,b' };
    const device = qemuVirtioBlk({ transport: 'pci-modern', slot: '02.0', image, properties });
    expect(typed({ devices: [device] })).toContain(
      'iommu_platform=on,packed=off,queue-size=8,serial=a,,b,drive=drive0',
    );
  });

  test.for(['virtio-rng-pci,addr=5', '', '-device', 'a b'])('"%s" is no name', (driver) => {
    expect(() => typed({ devices: [{ driver }] })).toThrow('is not the name of a device');
  });
});
