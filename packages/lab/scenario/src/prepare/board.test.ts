import type { EmulatedMachine } from '@dxelab/emulated-machine';
import { PciFunction } from '@dxelab/pci-devices';
import { VirtioBlk, MemoryBackend } from '@dxelab/virtio-devices';
import type { RingOptions } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import { buildMachine } from '../boot/build-machine.ts';
import { defineScenario } from '../define-scenario.ts';
import type { DeviceInput } from '../scenario-input.ts';
import { prepareLive } from './prepare-live.ts';

function machineWith(...devices: readonly DeviceInput[]): EmulatedMachine {
  const prepared = prepareLive(defineScenario({ machine: { devices } }));
  return buildMachine(prepared, { serial: () => {}, finding: () => {} }, undefined);
}

/** What configuration space says at 00:02.0: vendor and device id, and subsystem. */
function identity({ platform }: EmulatedMachine): readonly number[] {
  const ecam = platform.hobs.pciRootBridges[0]?.ecam?.base ?? 0;
  return [0x00, 0x2c].map((at) => platform.mmio.read32(ecam + (2 << 15) + at));
}

const disk = { zeros: '1 MiB' } as const;

describe('a virtio device has the transport that the scenario says', () => {
  test.each([
    [undefined, [0x1042_1af4, 0x1100_1af4]],
    ['pci-modern', [0x1042_1af4, 0x1100_1af4]],
    ['pci-legacy', [0x1001_1af4, 0x0002_1af4]],
    ['pci-transitional', [0x1001_1af4, 0x0002_1af4]],
  ] as const)('%s', (transport, ids) => {
    expect(identity(machineWith({ 'virtio-blk': { transport, image: disk } }))).toEqual(ids);
    const device = () => new VirtioBlk({ backend: new MemoryBackend(512) });
    expect(identity(machineWith({ custom: { transport, device } }))).toEqual(ids);
  });

  test.each([
    [undefined, 2],
    [1, 1],
    [2, 2],
  ] as const)('mmio, version %s', (version, read) => {
    const { platform } = machineWith(
      { 'virtio-blk': { transport: 'mmio', version, image: disk } },
      { 'virtio-blk': { image: disk } },
    );
    const registers = [0, 4, 8].map((at) => platform.mmio.read32(0xfeb0_2e00 + at));
    expect(registers).toEqual([0x74726976, read, 2]);
    expect(platform.hobs.deviceTree).toBeDefined();
  });

  test.each([
    [undefined, 0],
    [false, 0],
    [true, 1],
  ] as const)('accessPlatform %s: bit 33 is offered %i times', (accessPlatform, offered) => {
    const { platform } = machineWith({
      'virtio-blk': { transport: 'mmio', accessPlatform, image: disk },
    });
    platform.mmio.write32(0xfeb0_2e14, 1);
    expect((platform.mmio.read32(0xfeb0_2e10) >> 1) & 1).toBe(offered);
  });

  test('what is offered for its rings is as on QEMU, or as the scenario says', () => {
    const offered = (ring?: RingOptions): readonly number[] => {
      const { platform } = machineWith({ 'virtio-blk': { transport: 'mmio', ring, image: disk } });
      return [0, 1].map((select) => {
        platform.mmio.write32(0xfeb0_2e14, select);
        return platform.mmio.read32(0xfeb0_2e10);
      });
    };
    const [low = 0, high = 0] = offered();
    expect([(low >>> 28) & 3, high]).toEqual([3, 0x101]);
    const all = offered({ indirect: false, packed: true, inOrder: true, notificationData: true });
    expect([((all[0] ?? 0) >>> 28) & 3, all[1]]).toEqual([2, 0x14d]);
  });

  test('a machine without devices on MMIO has no slots for them', () => {
    const { platform } = machineWith({ 'virtio-blk': { image: disk } });
    expect(platform.hobs.deviceTree).toBeUndefined();
    expect(platform.mmio.read32(0xfeb0_2e00)).toBe(0);
  });

  test('a PCI function cannot be attached by mmio', () => {
    const device = () =>
      new PciFunction({ name: 'mine', vendorId: 1, deviceId: 2, classCode: 0xff0000 });
    expect(() => machineWith({ custom: { transport: 'mmio', device } })).toThrow(
      "mine is a PCI function: it cannot be attached by 'mmio'",
    );
  });

  test('and private memory if it is to be so', () => {
    for (const privateMemory of [false, true]) {
      const prepared = prepareLive(defineScenario({ machine: { privateMemory } }));
      const observers = { serial: () => {}, finding: () => {} };
      const { bus } = buildMachine(prepared, observers, undefined);
      expect(bus.privateMemory).toBe(privateMemory);
    }
  });

  test('and its name says where it is', () => {
    const { bus } = machineWith(
      { 'virtio-blk': { transport: 'mmio', image: disk } },
      { 'virtio-blk': { transport: 'mmio', image: disk } },
    );
    const names = bus.mmio.regions.map(({ name }) => name).filter((name) => name.includes('blk'));
    expect(names).toEqual(['virtio-blk mmio 22 mmio', 'virtio-blk mmio 23 mmio']);
  });
});
