import { RngProtocol } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import {
  VirtioMmio,
  VirtioPciLegacy,
  VirtioPciModern,
  VirtioPciTransitional,
} from '@dxelab/virtio-devices';
import { virtioFdtDxe } from '@dxelab/virtio-fdt-dxe';
import { virtioPciDeviceDxe } from '@dxelab/virtio-pci-device-dxe';
import { virtioRngDxe } from '@dxelab/virtio-rng-dxe';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { describe, expect, test } from 'vitest';
import type { RngWorldOptions } from './rng-world.fixture.ts';
import { counted, counting, RngWorld } from './rng-world.fixture.ts';

const MIB = 2 ** 20;

/** All of them, in OVMF's order: which one a device gets is what is seen here. */
const DRIVERS: readonly DxeModule[] = [virtioPciDeviceDxe, virtio10Dxe, virtioRngDxe, virtioFdtDxe];

type Plug = NonNullable<RngWorldOptions['plug']>;
const TRANSPORTS: readonly (readonly [string, Plug])[] = [
  ['PCI legacy', (rng, options) => new VirtioPciLegacy(rng, options)],
  ['PCI modern', (rng, options) => new VirtioPciModern(rng, options)],
  ['PCI transitional', (rng, options) => new VirtioPciTransitional(rng, options)],
  ['MMIO version 1', (rng, options) => new VirtioMmio(rng, { ...options, version: 1 })],
  ['MMIO version 2', (rng, options) => new VirtioMmio(rng, { ...options, version: 2 })],
];

describe.each(PROFILES)('VirtioRngDxe draws entropy, %s', (profile) => {
  test.each(TRANSPORTS)('%s: a MiB in answers of up to 1000 bytes', (_name, plug) => {
    const rng = { entropy: counting(), bytesPerAnswer: 1000 };
    const world = new RngWorld({ profile, plug, rng, modules: DRIVERS });
    const value = new Uint8Array(MIB);
    world.open().getRng(undefined, value);
    expect(Buffer.compare(value, counted(MIB))).toBe(0);
    expect(world.device.requests).toHaveLength(Math.ceil(MIB / 1000));

    world.bs.disconnectController(world.only(RngProtocol));
    expect(world.has(RngProtocol)).toBe(false);
    world.open().getRng(undefined, value.subarray(0, 16));
    expect(value.subarray(0, 16)).toEqual(counted(16, MIB));

    world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
    expect(world.findings).toEqual([]);
  });

  test.each(TRANSPORTS)('%s: nothing is left behind when it goes', (_name, plug) => {
    const world = new RngWorld({ profile, plug, modules: DRIVERS });
    const drawAndGo = (): void => {
      world.open().getRng(undefined, new Uint8Array(4096));
      world.bs.disconnectController(world.only(RngProtocol));
    };
    drawAndGo();
    const before = world.freePages();
    drawAndGo();
    expect(world.freePages()).toBe(before);
  });

  test.each(TRANSPORTS)('%s: same seed, same bytes', (_name, plug) => {
    const draw = (): Uint8Array => {
      const value = new Uint8Array(100);
      new RngWorld({ profile, plug, rng: {}, modules: DRIVERS }).open().getRng(undefined, value);
      return value;
    };
    expect(draw()).toEqual(draw());
  });
});
