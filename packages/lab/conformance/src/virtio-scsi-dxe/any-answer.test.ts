import { EFI_EXT_SCSI_DATA_DIRECTION_BIDIRECTIONAL, isEfiFailure } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Answer } from './scripted-scsi.fixture.ts';
import { command, ScsiWorld, unit } from './scsi-world.fixture.ts';

const IN = 512;
const OUT = 64;
const SENSE_ROOM = 18;

const uint32 = fc.oneof(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 0xffff_ffff }));
const answers: fc.Arbitrary<Answer> = fc.record({
  response: fc.integer({ min: 0, max: 255 }),
  status: fc.integer({ min: 0, max: 255 }),
  senseLen: uint32,
  residual: uint32,
  sense: fc.uint8Array({ maxLength: 96 }),
  dataIn: fc.uint8Array({ maxLength: IN }),
  written: fc.oneof(fc.constant(108 + IN), uint32),
});

const BOUNDS = {
  specification: { inLength: IN, outLength: OUT },
  // QUIRK ResidualUnclamped
  edk2: { inLength: IN, outLength: 0xffff_ffff },
};

describe.each(PROFILES)('whatever a device answers, %s', (profile) => {
  test('the packet stays within its bounds, nothing leaks, and the next command works', () => {
    const world = new ScsiWorld({ profile });
    const scsi = world.open();
    /** @returns the command, and where its data go */
    const answered = (answer: Answer) => {
      world.device.answer = () => answer;
      const inDataBuffer = new Uint8Array(2 * IN).fill(0xee);
      const senseData = new Uint8Array(2 * SENSE_ROOM).fill(0xee);
      const packet = command({
        dataDirection: EFI_EXT_SCSI_DATA_DIRECTION_BIDIRECTIONAL,
        inDataBuffer,
        inTransferLength: IN,
        outDataBuffer: new Uint8Array(OUT),
        outTransferLength: OUT,
        senseData,
        senseDataLength: SENSE_ROOM,
      });
      try {
        scsi.passThru(unit(0), packet);
        expect(answer.response).toBe(0);
      } catch (caught) {
        if (!isEfiFailure(caught)) throw caught;
      }
      return { packet, inDataBuffer, senseData };
    };
    const next = () => {
      world.device.answer = () => ({});
      const packet = command();
      scsi.passThru(unit(0), packet);
      expect(packet).toMatchObject({ hostAdapterStatus: 0, targetStatus: 0 });
      return world.freePages();
    };
    // whatever pools keep for the next time, they have it after this
    answered({ response: 0 });
    const free = next();
    fc.assert(
      fc.property(answers, (answer) => {
        const { packet, inDataBuffer, senseData } = answered(answer);
        const { inLength, outLength } = BOUNDS[profile];
        expect(packet.inTransferLength).toBeLessThanOrEqual(inLength);
        expect(packet.outTransferLength).toBeLessThanOrEqual(outLength);
        expect(Math.min(packet.inTransferLength, packet.outTransferLength)).toBeGreaterThanOrEqual(
          0,
        );
        expect(packet.senseDataLength).toBeLessThanOrEqual(SENSE_ROOM);
        expect(inDataBuffer.subarray(IN).every((byte) => byte === 0xee)).toBe(true);
        expect(senseData.subarray(SENSE_ROOM).every((byte) => byte === 0xee)).toBe(true);
        expect(next()).toBe(free);
      }),
      { numRuns: 300 },
    );
  });
});
