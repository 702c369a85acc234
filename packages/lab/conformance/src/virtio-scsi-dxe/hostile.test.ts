import { EFI_EXT_SCSI_DATA_DIRECTION_WRITE } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import type { VirtioDeviceModel } from '@dxelab/virtio-devices';
import { VirtioMmio, VirtioPciLegacy, VirtioPciModern } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import { counting } from './counting.fixture.ts';
import type { Answer } from './scripted-scsi.fixture.ts';
import { command, ScsiWorld, statusOf, unit } from './scsi-world.fixture.ts';
import { EVERY_DRIVER } from './transports.fixture.ts';

/** What 512 bytes in and 18 of sense data become, if the device answers like this. */
function answered(profile: Profile, answer: Answer) {
  const world = new ScsiWorld({ profile, scsi: { answer: () => answer } });
  const inDataBuffer = new Uint8Array(1024).fill(0xee);
  const senseData = new Uint8Array(64).fill(0xee);
  const packet = command({
    inDataBuffer,
    inTransferLength: 512,
    senseData,
    senseDataLength: 18,
  });
  const scsi = world.open();
  return { world, scsi, packet, inDataBuffer, senseData };
}

describe.each(PROFILES)('a device that exaggerates, %s', (profile) => {
  test('sense data: as many as there is room for, and not a byte behind', () => {
    const { scsi, packet, senseData } = answered(profile, {
      status: 2,
      sense: counting(96),
      senseLen: 0xffff_ffff,
    });
    scsi.passThru(unit(0), packet);
    expect(packet.senseDataLength).toBe(18);
    expect(senseData).toEqual(
      new Uint8Array(64)
        .fill(0xee)
        .fill(0, 0, 18)
        .map((byte, at) => (at < 18 ? at + 1 : byte)),
    );
  });

  test('incoming data: no byte beyond the transfer', () => {
    const { scsi, packet, inDataBuffer } = answered(profile, { dataIn: counting(1024) });
    scsi.passThru(unit(0), packet);
    expect(inDataBuffer.subarray(0, 512)).toEqual(counting(512));
    expect(inDataBuffer.subarray(512)).toEqual(new Uint8Array(512).fill(0xee));
  });

  test('a residual of 4 GiB', () => {
    const { scsi, packet } = answered(profile, { residual: 0xffff_ffff });
    scsi.passThru(unit(0), packet);
    expect(packet.inTransferLength).toBe(0);
    // QUIRK ResidualUnclamped
    expect(packet.outTransferLength).toBe(profile === 'edk2' ? 513 : 0);
  });
});

describe('a device that says it wrote less (virtio §2.7.8.3)', () => {
  test.each([
    [108 + 100, 100, 18],
    [108, 0, 18],
    [12 + 7, 0, 7],
  ])('used length %d', (written, inLength, senseLength) => {
    const answer = { written, sense: counting(18), dataIn: counting(512) };
    const believed = answered('specification', answer);
    believed.scsi.passThru(unit(0), believed.packet);
    expect(believed.packet).toMatchObject({
      inTransferLength: inLength,
      senseDataLength: senseLength,
    });
    // QUIRK UsedLengthIgnored
    const ignored = answered('edk2', answer);
    ignored.scsi.passThru(unit(0), ignored.packet);
    expect(ignored.packet).toMatchObject({ inTransferLength: 512, senseDataLength: 18 });
  });

  test.each([0, 11])('used length %d: no response', (written) => {
    const { scsi, packet } = answered('specification', { written });
    expect(() => scsi.passThru(unit(0), packet)).toThrow('EFI_DEVICE_ERROR');
    expect(packet).toMatchObject({
      inTransferLength: 0,
      outTransferLength: 0,
      hostAdapterStatus: 0x7f,
      targetStatus: 0,
      senseDataLength: 0,
    });
    const ignored = answered('edk2', { written });
    ignored.scsi.passThru(unit(0), ignored.packet);
  });
});

test.each([
  ['legacy', (device: VirtioDeviceModel) => new VirtioPciLegacy(device)],
  ['MMIO version 1', (device: VirtioDeviceModel) => new VirtioMmio(device, { version: 1 })],
] as const)('%s: the used length says nothing (virtio §5.6.6)', (_transport, plug) => {
  const world = new ScsiWorld({
    plug,
    modules: EVERY_DRIVER,
    scsi: { answer: () => ({ written: 0, dataIn: counting(36) }) },
  });
  const inDataBuffer = new Uint8Array(36);
  world.open().passThru(unit(0), command({ inDataBuffer, inTransferLength: 36 }));
  expect(inDataBuffer).toEqual(counting(36));
});

test('edk2: what a device does not write is zero, not what another command left', () => {
  const world = new ScsiWorld({ profile: 'edk2' });
  const scsi = world.open();
  const read = (dataIn: Uint8Array): Uint8Array => {
    world.device.answer = () => ({ dataIn });
    const inDataBuffer = new Uint8Array(512).fill(0xee);
    scsi.passThru(unit(0), command({ inDataBuffer, inTransferLength: 512 }));
    return inDataBuffer;
  };
  expect(read(counting(512))).toEqual(counting(512));
  expect(read(new Uint8Array(0))).toEqual(new Uint8Array(512));
});

describe('a device that breaks its ring', () => {
  const LIES = [
    ['an id that was not submitted', { id: 5 }],
    ['more than it could write', { length: 0xffff_ffff }],
  ] as const;

  test.each(LIES)('specification, %s: reset, and set up again', (_what, usedElement) => {
    let lies = 0;
    const world = new ScsiWorld({
      plug: (device) =>
        new VirtioPciModern(device, {
          usedElement: (element) => (lies-- > 0 ? { ...element, ...usedElement } : element),
        }),
    });
    const scsi = world.open();
    scsi.passThru(unit(0), command());
    lies = 1;
    const packet = command();
    expect(() => scsi.passThru(unit(0), packet)).toThrow('EFI_DEVICE_ERROR');
    expect(packet).toMatchObject({ hostAdapterStatus: 0x7f });
    expect(world.device.starts).toBe(2);
    scsi.passThru(unit(0), command());
  });
});

test('a device that asks for a reset gets it, and the next command works (virtio §2.1.2)', () => {
  const world = new ScsiWorld();
  const scsi = world.open();
  world.device.answer = () => {
    world.device.askForReset();
    return 'silent';
  };
  const packet = command();
  expect(() => scsi.passThru(unit(0), packet)).toThrow('EFI_DEVICE_ERROR');
  expect(packet).toMatchObject({ hostAdapterStatus: 0x7f });
  expect(world.device.starts).toBe(2);
  world.device.answer = () => ({});
  scsi.passThru(unit(0), command());
});

describe('a used length that counts what the device has read, as QEMU does', () => {
  function written(profile: Profile, usedLength: number) {
    const world = new ScsiWorld({ profile, scsi: { answer: () => ({ written: usedLength }) } });
    const packet = command({
      dataDirection: EFI_EXT_SCSI_DATA_DIRECTION_WRITE,
      outDataBuffer: new Uint8Array(512),
      outTransferLength: 512,
    });
    return { packet, status: statusOf(() => world.open().passThru(unit(0), packet)) };
  }

  test.each(PROFILES)('is all of it, %s', (profile) => {
    const { packet, status } = written(profile, 108 + 512);
    expect(status).toBe('EFI_SUCCESS');
    expect(packet).toMatchObject({ outTransferLength: 512, hostAdapterStatus: 0 });
  });

  test('specification: one byte more is a broken ring', () => {
    expect(written('specification', 108 + 513).status).toBe('EFI_DEVICE_ERROR');
  });
});
