import { EFI_EXT_SCSI_DATA_DIRECTION_WRITE } from '@dxelab/uefi';
import type { QuirkName } from '@dxelab/uefi-lib';
import { PROFILES, QUIRKS } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { counting } from './counting.fixture.ts';
import { command, ScsiWorld, unit } from './scsi-world.fixture.ts';

function isOurs(name: string): name is QuirkName {
  return name.startsWith('VirtioScsiDxe.');
}

describe.each(PROFILES)('%s, but for a single quirk', (profile) => {
  test.each(Object.keys(QUIRKS).filter(isOurs))('%s: commands work, and nothing leaks', (quirk) => {
    const world = new ScsiWorld({
      profile,
      quirks: { [quirk]: profile === 'specification' },
      scsi: { answer: () => ({ dataIn: counting(512) }) },
    });
    const round = (): number => {
      const scsi = world.open();
      const inDataBuffer = new Uint8Array(512);
      scsi.passThru(unit(1, 2), command({ inDataBuffer, inTransferLength: 512 }));
      expect(inDataBuffer).toEqual(counting(512));
      const packet = command({
        dataDirection: EFI_EXT_SCSI_DATA_DIRECTION_WRITE,
        outDataBuffer: counting(512),
        outTransferLength: 512,
      });
      scsi.passThru(unit(1, 2), packet);
      expect(world.device.requests.at(-1)?.dataOut).toEqual(counting(512));
      world.bs.disconnectController(world.function);
      return world.freePages();
    };
    round();
    expect(round()).toBe(round());
    expect(world.findings).toEqual([]);
  });
});
