import type { DeviceInput } from '@dxelab/scenario';
import { succeeded } from '@dxelab/scenario';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { bootLive, demoDisk, loader } from '../scenario/live.fixture.ts';

const PCI = 'PciRoot(0x0)/Pci(0x2,0x0)';
/** The last slot, at 0xFEB02E00. */
const MMIO = 'VenHw(837dca9e-e874-4d82-b29a-23fe0e23d1e2,002eb0fe00000000)';

/** The transports that the machine has, with where a disk on each of them is. */
const TRANSPORTS = [
  ['pci-legacy', PCI, { transport: 'pci-legacy' }],
  ['pci-modern', PCI, { transport: 'pci-modern' }],
  ['pci-transitional', PCI, { transport: 'pci-transitional' }],
  ['mmio version 1', MMIO, { transport: 'mmio', version: 1 }],
  ['mmio version 2', MMIO, { transport: 'mmio', version: 2 }],
] as const;

describe.each(PROFILES)('the demonstration disk boots over every transport, %s', (profile) => {
  test.each(TRANSPORTS)('%s', (_name, path, transport) => {
    const disk: DeviceInput = { 'virtio-blk': { ...transport, image: demoDisk() } };
    const report = bootLive({
      machine: { devices: [disk] },
      firmware: { profile, standIns: { '\\EFI\\BOOT\\BOOTX64.EFI': loader('Hello') } },
      expect: [
        { outcome: 'boot-services-exited' },
        { console: 'Hello' },
        { handle: path, driver: 'VirtioBlkDxe', protocols: ['VirtioDevice', 'BlockIo', 'DiskIo'] },
        { findings: 'none' },
      ],
    });
    expect(report.expectations.filter(({ held }) => !held)).toEqual([]);
    expect(succeeded(report)).toBe(true);
  });

  test('all at once: each has its own driver, and the disks do not see each other', () => {
    const devices = TRANSPORTS.map(([, , transport]): DeviceInput => ({
      'virtio-blk': { ...transport, image: { zeros: '1 MiB' } },
    }));
    const disk: DeviceInput = { 'virtio-blk': { transport: 'mmio', image: demoDisk() } };
    const report = bootLive({
      machine: { devices: [...devices, disk] },
      firmware: { profile, standIns: { '\\EFI\\BOOT\\BOOTX64.EFI': loader('Hello') } },
      expect: [{ outcome: 'boot-services-exited' }, { findings: 'none' }],
    });
    expect(report.expectations.filter(({ held }) => !held)).toEqual([]);
    const disks = report.handles.filter(({ drivers }) => drivers.includes('VirtioBlkDxe'));
    expect(disks).toHaveLength(6);
  });
});
