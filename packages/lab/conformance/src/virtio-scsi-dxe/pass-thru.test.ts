import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { command, ScsiWorld, unit } from './scsi-world.fixture.ts';

describe.each(PROFILES)('smoke, %s', (profile) => {
  test('a command', () => {
    const world = new ScsiWorld({
      profile,
      scsi: { answer: () => ({ dataIn: new Uint8Array(36).fill(7) }) },
    });
    const scsi = world.open();
    const inDataBuffer = new Uint8Array(36);
    const packet = command({ inDataBuffer, inTransferLength: 36 });
    scsi.passThru(unit(3, 5), packet);
    expect(world.device.requests).toMatchObject([
      { lun: '0103400500000000', lengths: [51, 108, 36], readable: 1, preset: 9 },
    ]);
    expect(inDataBuffer).toEqual(new Uint8Array(36).fill(7));
    expect(packet).toMatchObject({ inTransferLength: 36, hostAdapterStatus: 0, targetStatus: 0 });
  });
});
