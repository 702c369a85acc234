import { ovmf } from '@dxelab/ovmf';
import type { BootReport, DeviceInput } from '@dxelab/scenario';
import type { DxeModule, Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { VIRTIO_F_ACCESS_PLATFORM } from '@dxelab/virtio';
import { virtioBlkDxeWith } from '@dxelab/virtio-blk-dxe';
import { describe, expect, test } from 'vitest';
import { bootLive, demoDisk, loader } from '../scenario/live.fixture.ts';

/** Boots the demonstration disk on a machine whose memory is private. */
function bootPrivately(
  profile: Profile,
  transport: object,
  drivers: readonly (DxeModule | 'ovmf')[] = ['ovmf'],
): BootReport {
  const disk: DeviceInput = { 'virtio-blk': { ...transport, image: demoDisk() } };
  return bootLive({
    machine: { privateMemory: true, devices: [disk], budget: { virtualTime: '60 s' } },
    firmware: { profile, drivers, standIns: { '\\EFI\\BOOT\\BOOTX64.EFI': loader('Hello') } },
  });
}

describe('the demonstration disk boots though memory is private, and no DMA is refused', () => {
  test.each([
    ['pci-modern', 'specification', { transport: 'pci-modern' }],
    ['pci-modern', 'edk2', { transport: 'pci-modern' }],
    ['pci-transitional', 'specification', { transport: 'pci-transitional' }],
    ['pci-legacy', 'specification', { transport: 'pci-legacy' }],
    ['mmio version 1', 'specification', { transport: 'mmio', version: 1 }],
    ['mmio version 2', 'specification', { transport: 'mmio', version: 2 }],
  ] as const)('over %s, %s', (_name, profile, transport) => {
    const { outcome, findings } = bootPrivately(profile, transport);
    expect(findings).toEqual([]);
    expect(outcome.kind).toBe('boot-services-exited');
  });
});

describe('QUIRK MapsIdentity: over other transports than modern PCI the device reaches nothing', () => {
  test.each([
    ['pci-legacy', { transport: 'pci-legacy' }],
    ['mmio version 1', { transport: 'mmio', version: 1 }],
    ['mmio version 2', { transport: 'mmio', version: 2 }],
  ] as const)('%s', (_name, transport) => {
    const { outcome, findings } = bootPrivately('edk2', transport);
    expect(outcome.kind).not.toBe('boot-services-exited');
    expect(findings.map(({ rule }) => rule)).toContain('machine dma-to-private-memory');
  });
});

test.each(PROFILES)('without IoMmuDxe every DMA is refused and reported, %s', (profile) => {
  const modules = ovmf().filter(({ name }) => name !== 'IoMmuDxe');
  const { outcome, findings } = bootPrivately(profile, { transport: 'pci-modern' }, modules);
  expect(outcome.kind).not.toBe('boot-services-exited');
  expect(findings[0]?.rule).toBe('machine dma-to-private-memory');
  expect(findings[0]?.fields).toMatchObject({ queue: 0 });
});

test.each(PROFILES)(
  'a scenario whose driver declines bit 33 says who was refused what, %s',
  (profile) => {
    const driver = virtioBlkDxeWith({ declined: VIRTIO_F_ACCESS_PLATFORM });
    const { outcome, troubles } = bootPrivately(profile, { transport: 'pci-modern' }, [
      'ovmf',
      driver,
    ]);
    expect(outcome.kind).toBe('stopped');
    expect(troubles).toContainEqual({
      driver: 'VirtioBlkDxe',
      kind: 'start-failed',
      controller: 'PciRoot(0x0)/Pci(0x2,0x0)',
      reason: expect.stringMatching(
        /^EFI_UNSUPPORTED: the device refuses the features 0x1[0-9a-f]{8}$/,
      ),
    });
  },
);
