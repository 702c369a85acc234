import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { platform } from './dice-machine.fixture.ts';
import { found } from './mmio-board.fixture.ts';
import * as scsiMachine from './scsi-machine.fixture.ts';
import { TestMachine } from './test-machine.fixture.ts';
import { VirtioDice } from './virtio-dice.fixture.ts';

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
/** A fixture as a user would write it. */
const asWritten = (path: string): string =>
  text(path)
    .replaceAll('./virtio-dice.fixture.ts', './virtio-dice.ts')
    .replaceAll('./index.ts', '@dxelab/virtio-devices');

describe('the README', () => {
  const examples = [...text('../README.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);

  test('shows the device and the machine that are tested here', () => {
    expect(examples).toEqual([
      asWritten('./virtio-dice.fixture.ts'),
      asWritten('./dice-machine.fixture.ts'),
      asWritten('./scsi-machine.fixture.ts'),
      asWritten('./mmio-board.fixture.ts'),
    ]);
  });

  test('its device throws dice', () => {
    const bench = new TestMachine(new VirtioDice(20));
    bench.start();
    bench.offer([200, 56]);
    expect(bench.used().length).toBe(256);
    const throws = new Set([...bench.bytes(0, 200), ...bench.bytes(1, 56)]);
    expect([Math.min(...throws), Math.max(...throws), throws.size]).toEqual([1, 20, 20]);
  });

  test('its machine has both devices', () => {
    const ecam = platform.hobs.pciRootBridges[0]?.ecam?.base ?? 0;
    const identities = [2, 3].map((device) => platform.mmio.read32(ecam + device * 0x8000));
    expect(identities).toEqual([0x107c_1af4, 0x1042_1af4]);
  });

  test('its SCSI host has ten disks, a drive with a disc, and one disk more', () => {
    const { scsi, platform: machine } = scsiMachine;
    const ecam = machine.hobs.pciRootBridges[0]?.ecam?.base ?? 0;
    expect(machine.mmio.read32(ecam + 0x10000)).toBe(0x1048_1af4);
    const units = [scsi.unplug(0, 9), scsi.unplug(0, 10), scsi.unplug(1, 0), scsi.unplug(2, 300)];
    expect(units.map((unit) => unit?.deviceType)).toEqual([0, undefined, 5, 0]);
  });

  test('its board has a disk on MMIO', () => {
    expect(found).toEqual([0x74726976, 1, 2]);
  });
});
