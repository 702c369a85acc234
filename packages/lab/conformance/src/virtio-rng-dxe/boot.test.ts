import { boot, defineScenario, prepareLive } from '@dxelab/scenario';
import type { VirtioRngInput } from '@dxelab/scenario';
import { RngProtocol } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { demoDisk, driver } from '../scenario/live.fixture.ts';

/** A loader that seeds its kernel, as that of Linux does, and leaves boot services. */
const seeding: DxeModule = {
  ...driver('Loader', ({ bootServices: bs, conOut }, _libraries, imageHandle) => {
    const seed = new Uint8Array(32);
    bs.locateProtocol(RngProtocol).getRng(undefined, seed);
    conOut?.outputString(`a seed of ${new Set(seed).size} different bytes\r\n`);
    bs.exitBootServices(imageHandle, bs.getMemoryMap().mapKey);
  }),
  moduleType: 'UEFI_APPLICATION',
};

const TRANSPORTS: readonly (readonly [string, VirtioRngInput])[] = [
  ['PCI modern', { transport: 'pci-modern' }],
  ['PCI legacy', { transport: 'pci-legacy' }],
  ['PCI transitional', { transport: 'pci-transitional' }],
  ['MMIO version 1', { transport: 'mmio', version: 1 }],
  ['MMIO version 2', { transport: 'mmio', version: 2 }],
];

describe.each(PROFILES)('a loader finds entropy, %s', (profile) => {
  test.each(TRANSPORTS)('%s: though its boot option leads only to its disk', (_name, rng) => {
    const others = [{ 'virtio-blk': { image: { zeros: '1 MiB' } } }] as const;
    const report = boot(
      prepareLive(
        defineScenario({
          machine: {
            memory: '64 MiB',
            devices: [{ 'virtio-blk': { image: demoDisk() } }, ...others, { 'virtio-rng': rng }],
          },
          firmware: {
            profile,
            bootOptions: ['PciRoot(0x0)/Pci(0x2,0x0)'],
            standIns: { '\\EFI\\BOOT\\BOOTX64.EFI': seeding },
          },
          expect: [
            { outcome: 'boot-services-exited' },
            { console: /a seed of (2\d|3\d) different bytes/ },
            { findings: 'none' },
          ],
        }),
      ),
    );
    expect(report.expectations.filter(({ held }) => !held)).toEqual([]);
    // the disk that nobody asked for is not connected
    const driven = report.handles.filter(({ drivers }) => drivers.includes('VirtioBlkDxe'));
    expect(driven.map(({ devicePath }) => devicePath)).toEqual(['PciRoot(0x0)/Pci(0x2,0x0)']);
  });
});
