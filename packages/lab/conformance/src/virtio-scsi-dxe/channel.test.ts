import type { EfiExtScsiPassThru, ScsiAddress } from '@dxelab/uefi';
import { pciNode, scsiNode } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import {
  VIRTIO_SCSI_T_TMF_I_T_NEXUS_RESET,
  VIRTIO_SCSI_T_TMF_LOGICAL_UNIT_RESET,
} from '@dxelab/virtio';
import { describe, expect, test } from 'vitest';
import type { ScriptedScsiOptions } from './scripted-scsi.fixture.ts';
import { command, ScsiWorld, statusOf, unit } from './scsi-world.fixture.ts';

function open(profile: Profile, config: ScriptedScsiOptions['config'] = {}): EfiExtScsiPassThru {
  return new ScsiWorld({ profile, scsi: { config } }).open();
}

/** Of the first two bytes. */
function numberOf(target: Uint8Array | undefined): number | undefined {
  return target && new DataView(target.buffer, target.byteOffset).getUint16(0, true);
}

function units(scsi: EfiExtScsiPassThru): readonly string[] {
  const found: string[] = [];
  let at: ScsiAddress | undefined = scsi.getNextTargetLun(undefined);
  for (; at !== undefined; at = scsi.getNextTargetLun(at)) {
    found.push(`${numberOf(at.target)}:${at.lun}`);
  }
  return found;
}

function targets(scsi: EfiExtScsiPassThru): readonly (number | undefined)[] {
  const found: (number | undefined)[] = [];
  let at = scsi.getNextTarget(undefined);
  for (; at !== undefined; at = scsi.getNextTarget(at)) found.push(numberOf(at));
  return found;
}

/** `target` with something in its last byte. */
function marked(target: number): Uint8Array {
  return unit(target).target.fill(0x77, 15);
}

describe.each(PROFILES)('the logical units of a channel (UEFI §15.7), %s', (profile) => {
  test('are walked target by target', () => {
    const scsi = open(profile, { maxTarget: 1, maxLun: 2 });
    expect(units(scsi)).toEqual(['0:0', '0:1', '0:2', '1:0', '1:1', '1:2']);
    expect(targets(scsi)).toEqual([0, 1]);
  });

  test.each<readonly [string, ScsiAddress]>([
    ['a target beyond the last', unit(2)],
    ['a LUN beyond the last', unit(0, 3)],
    ['a LUN that is none', unit(0, -1)],
    ['no target', { target: new Uint8Array(16).fill(0xff), lun: 0 }],
    ['a target of another length', { target: new Uint8Array(8), lun: 0 }],
  ])('%s is nowhere', (_what, address) => {
    const scsi = open(profile, { maxTarget: 1, maxLun: 2 });
    expect(() => scsi.getNextTargetLun(address)).toThrow('EFI_INVALID_PARAMETER');
    expect(() => scsi.buildDevicePath(address)).toThrow('EFI_NOT_FOUND');
  });

  test('GetNextTarget refuses what is beyond the last target', () => {
    const scsi = open(profile, { maxTarget: 1 });
    expect(() => scsi.getNextTarget(unit(2).target)).toThrow('EFI_INVALID_PARAMETER');
  });

  test('have a SCSI node, there and back', () => {
    const scsi = open(profile);
    expect(scsi.buildDevicePath(unit(31, 7))).toEqual(scsiNode(31, 7));
    expect(scsi.getTargetLun(scsiNode(31, 7))).toEqual(unit(31, 7));
  });

  test('are not found by another node, nor beyond the last', () => {
    const scsi = open(profile, { maxTarget: 1, maxLun: 2 });
    expect(() => scsi.getTargetLun(pciNode(0, 0))).toThrow('EFI_UNSUPPORTED');
    expect(() => scsi.getTargetLun(scsiNode(2, 0))).toThrow('EFI_NOT_FOUND');
    expect(() => scsi.getTargetLun(scsiNode(0, 3))).toThrow('EFI_NOT_FOUND');
  });

  test.each([
    ['a second channel', { maxChannel: 1 }],
    ['no request queue', { numQueues: 0 }],
    ['no sector in a transfer', { maxSectors: 0 }],
  ])('a device with %s is not started', (_what, config) => {
    const world = new ScsiWorld({ profile, scsi: { config } });
    world.connectAll();
    expect(world.failures()).toEqual([expect.stringContaining('EFI_UNSUPPORTED')]);
  });

  test.each([
    [2, 1],
    [4, 0],
  ])('a request queue of %d descriptors: %d failures', (size, failures) => {
    const world = new ScsiWorld({ profile, scsi: { queueSizes: [8, 8, size] } });
    world.connectAll();
    expect(world.failures()).toHaveLength(failures);
  });
});

describe('how far a channel reaches', () => {
  test('edk2: to target 31 and LUN 7, 256 units (QUIRK FewTargetsAndLuns)', () => {
    const all = units(open('edk2'));
    expect(all).toHaveLength(256);
    expect([all[0], all.at(-1)]).toEqual(['0:0', '31:7']);
  });

  test('specification: as far as virtio can address, whatever the device claims', () => {
    const scsi = open('specification', { maxTarget: 0xffff, maxLun: 0xffff_ffff });
    expect(scsi.getNextTargetLun(unit(254, 16383))).toEqual(unit(255, 0));
    expect(scsi.getNextTargetLun(unit(255, 16382))).toEqual(unit(255, 16383));
    expect(scsi.getNextTargetLun(unit(255, 16383))).toBeUndefined();
    expect(targets(scsi)).toHaveLength(256);
  });

  test('specification: LUNs above 255 by flat addressing', () => {
    const world = new ScsiWorld();
    world.open().passThru(unit(2, 0x1234), command());
    expect(world.device.requests).toMatchObject([{ lun: '0102523400000000' }]);
  });

  test('specification: a device may take a single sector', () => {
    expect(() => open('specification', { maxSectors: 1 })).not.toThrow();
    const world = new ScsiWorld({ profile: 'edk2', scsi: { config: { maxSectors: 1 } } });
    world.connectAll();
    expect(world.failures()).toHaveLength(1);
  });
});

describe('QUIRK TargetBytesIgnored', () => {
  test('edk2: only the first two bytes count, and only they change', () => {
    const scsi = open('edk2', { maxLun: 0 });
    scsi.passThru({ target: marked(3), lun: 0 }, command());
    expect(scsi.getNextTargetLun({ target: marked(3), lun: 0 })).toEqual({
      target: marked(4),
      lun: 0,
    });
    expect(scsi.getNextTarget(marked(3))).toEqual(marked(4));
  });

  test('specification: it names no target', () => {
    const scsi = open('specification');
    const address = { target: marked(3), lun: 0 };
    expect(() => scsi.passThru(address, command())).toThrow('EFI_INVALID_PARAMETER');
    expect(() => scsi.getNextTargetLun(address)).toThrow('EFI_INVALID_PARAMETER');
    expect(() => scsi.getNextTarget(marked(3))).toThrow('EFI_INVALID_PARAMETER');
    expect(() => scsi.buildDevicePath(address)).toThrow('EFI_NOT_FOUND');
  });
});

describe('QUIRK NodeLengthUnchecked: a SCSI node of 9 bytes', () => {
  const node = Uint8Array.of(...scsiNode(1, 2), 0);
  node[2] = 9;

  test('specification: is none', () => {
    expect(() => open('specification').getTargetLun(node)).toThrow('EFI_UNSUPPORTED');
  });

  test('edk2: is as good as one of 8', () => {
    expect(open('edk2').getTargetLun(node)).toEqual(unit(1, 2));
  });
});

describe('resets, by task management (virtio §5.6.6.2)', () => {
  function managed(manage?: ScriptedScsiOptions['manage']) {
    const config = { maxTarget: 3 };
    const world = new ScsiWorld({ scsi: manage ? { manage, config } : { config } });
    return { world, scsi: world.open(), functions: world.device.functions };
  }

  test('ResetTargetLun resets a logical unit', () => {
    const { scsi, functions } = managed();
    scsi.resetTargetLun(unit(2, 300));
    expect(functions).toEqual([`${VIRTIO_SCSI_T_TMF_LOGICAL_UNIT_RESET} 0102412c00000000 0`]);
  });

  test('ResetChannel resets each target, and passes over those that are not there', () => {
    const { scsi, functions } = managed((_subtype, lun) => (lun.startsWith('0101') ? 3 : 10));
    scsi.resetChannel();
    expect(functions).toEqual(
      [0, 1, 2, 3].map(
        (target) => `${VIRTIO_SCSI_T_TMF_I_T_NEXUS_RESET} 010${target}400000000000 0`,
      ),
    );
  });

  test.each([
    [0, 'EFI_SUCCESS'],
    [10, 'EFI_SUCCESS'],
    [3, 'EFI_INVALID_PARAMETER'],
    [12, 'EFI_INVALID_PARAMETER'],
    [11, 'EFI_UNSUPPORTED'],
    [5, 'EFI_DEVICE_ERROR'],
    [9, 'EFI_DEVICE_ERROR'],
    [255, 'EFI_DEVICE_ERROR'],
  ])('response %d: %s', (response, status) => {
    const { scsi } = managed(() => response);
    expect(statusOf(() => scsi.resetTargetLun(unit(0)))).toBe(status);
  });

  test('ResetChannel fails with the first target that cannot be reset', () => {
    const { scsi, functions } = managed((_subtype, lun) => (lun.startsWith('0102') ? 9 : 0));
    expect(() => scsi.resetChannel()).toThrow('EFI_DEVICE_ERROR');
    expect(functions).toHaveLength(3);
  });

  test('a function that is not answered ends with the device being set up again', () => {
    const { scsi, world } = managed(() => 'silent');
    expect(() => scsi.resetTargetLun(unit(0))).toThrow('EFI_TIMEOUT');
    expect(world.device.starts).toBe(2);
    scsi.passThru(unit(0), command());
  });

  test('a function that comes back without a response has failed', () => {
    let response: 0 | 'unwritten' = 0;
    const { scsi } = managed(() => response);
    scsi.resetTargetLun(unit(0));
    response = 'unwritten';
    expect(() => scsi.resetTargetLun(unit(0))).toThrow('EFI_DEVICE_ERROR');
  });

  test('what is out of reach is not asked', () => {
    const { scsi, functions } = managed();
    expect(() => scsi.resetTargetLun(unit(4))).toThrow('EFI_INVALID_PARAMETER');
    expect(() => scsi.resetTargetLun(unit(0, 16384))).toThrow('EFI_INVALID_PARAMETER');
    expect(functions).toEqual([]);
  });

  test('edk2, QUIRK NoTaskManagement: both are unsupported, whatever they are asked', () => {
    const world = new ScsiWorld({ profile: 'edk2' });
    const scsi = world.open();
    expect(() => scsi.resetChannel()).toThrow('EFI_UNSUPPORTED');
    expect(() => scsi.resetTargetLun(unit(99))).toThrow('EFI_UNSUPPORTED');
    expect(world.device.functions).toEqual([]);
  });

  test('a device without a control queue is not started', () => {
    const world = new ScsiWorld({ scsi: { queueSizes: [0, 8, 128] } });
    world.connectAll();
    expect(world.failures()).toEqual([expect.stringContaining('virtqueue 0 has 0 descriptors')]);
  });
});
