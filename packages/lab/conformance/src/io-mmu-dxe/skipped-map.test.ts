import { ovmf } from '@dxelab/ovmf';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { carelessDxe, FirstSectorProtocol } from './careless-dxe.fixture.ts';
import { PrivateMachine } from './private-machine.fixture.ts';

/** A disk whose driver is the careless one. */
function world(profile: Profile, privateMemory: boolean): PrivateMachine {
  const modules = [...ovmf().filter(({ name }) => name !== 'VirtioBlkDxe'), carelessDxe];
  const machine = new PrivateMachine({ profile, modules, privateMemory });
  machine.connect();
  return machine;
}

describe.each(PROFILES)('a driver that skips Map, %s', (profile) => {
  test('goes unnoticed where all memory is shared', () => {
    const machine = world(profile, false);
    const disk = machine.bs.locateProtocol(FirstSectorProtocol);
    expect(disk.read()).toBe(0);
    expect(machine.machine.platform.ram.readUint8(disk.buffer)).toBe(0x5a);
    expect(machine.findings).toEqual([]);
  });

  test('is caught where it is private: the address, the device and the queue are reported', () => {
    const machine = world(profile, true);
    const disk = machine.bs.locateProtocol(FirstSectorProtocol);
    // Its ring is mapped: all was well so far.
    expect(machine.findings).toEqual([]);
    // The device asks for a reset. Who does not look for that waits for ever: the lab ends the boot.
    expect(() => disk.read()).toThrow(
      profile === 'edk2' ? /spent its budget/ : /waits for a device that asks for a reset/,
    );
    expect(machine.findings[0]).toMatchObject({
      rule: 'machine dma-to-private-memory',
      device: 'virtio-blk',
      message: expect.stringContaining('reaches private memory'),
      fields: { address: disk.buffer - 512, queue: 0 },
    });
  });
});
