import {
  EFI_EXT_SCSI_DATA_DIRECTION_BIDIRECTIONAL,
  EFI_EXT_SCSI_DATA_DIRECTION_WRITE,
  EVT_NOTIFY_SIGNAL,
  EVT_TIMER,
  TPL_CALLBACK,
} from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { counting } from './counting.fixture.ts';
import { command, ScsiWorld, unit } from './scsi-world.fixture.ts';

const MIB = 2 ** 20;

describe.each(PROFILES)(
  'EFI_EXT_SCSI_PASS_THRU_PROTOCOL.PassThru (UEFI §15.7.2), %s',
  (profile) => {
    const wordOf = (answered: Uint8Array) =>
      new ScsiWorld({ profile, scsi: { answer: () => ({ dataIn: answered }) } });

    test('sends the address and the CDB, padded with zeros (virtio §5.6.6.1)', () => {
      const world = new ScsiWorld({ profile });
      const scsi = world.open();
      scsi.passThru(unit(3, 5), command({ cdb: new Uint8Array(32).fill(0xa5) }));
      scsi.passThru(unit(31, 7), command({ cdb: Uint8Array.of(0x12, 1, 2, 3, 4, 5) }));
      expect(world.device.requests).toMatchObject([
        { lun: '0103400500000000', cdb: new Uint8Array(32).fill(0xa5), preset: 9 },
        { lun: '011f400700000000', cdb: Uint8Array.of(0x12, 1, 2, 3, 4, 5, ...new Uint8Array(26)) },
      ]);
    });

    test('reads into an array and into guest memory', () => {
      const world = wordOf(counting(5000));
      const scsi = world.open();
      const array = new Uint8Array(5004);
      const packet = command({ inDataBuffer: array, inTransferLength: 5000 });
      scsi.passThru(unit(0), packet);
      expect(array).toEqual(Uint8Array.of(...counting(5000), 0, 0, 0, 0));
      expect(packet).toMatchObject({
        inTransferLength: 5000,
        outTransferLength: 0,
        hostAdapterStatus: 0,
        targetStatus: 0,
        senseDataLength: 0,
      });

      const address = world.bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 2);
      const inDataBuffer = { address, length: 8192 };
      scsi.passThru(unit(0), command({ inDataBuffer, inTransferLength: 5000 }));
      const there = new Uint8Array(5000);
      world.machine.platform.ram.readBytes(address, there);
      expect(there).toEqual(counting(5000));
      expect(world.device.requests.map(({ lengths }) => lengths)).toEqual([
        [51, 108, 5000],
        [51, 108, 5000],
      ]);
      expect(world.findings).toEqual([]);
    });

    test('writes from an array and from guest memory', () => {
      const world = new ScsiWorld({ profile });
      const scsi = world.open();
      const dataDirection = EFI_EXT_SCSI_DATA_DIRECTION_WRITE;
      const packet = command({
        dataDirection,
        outDataBuffer: counting(700),
        outTransferLength: 600,
      });
      scsi.passThru(unit(0), packet);
      expect(packet).toMatchObject({ inTransferLength: 0, outTransferLength: 600 });

      const address = world.bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 1);
      world.machine.platform.ram.writeBytes(address, counting(512));
      const outDataBuffer = { address, length: 4096 };
      scsi.passThru(unit(0), command({ dataDirection, outDataBuffer, outTransferLength: 512 }));
      expect(world.device.requests).toMatchObject([
        { lengths: [51, 600, 108], readable: 2, dataOut: counting(600) },
        { lengths: [51, 512, 108], readable: 2, dataOut: counting(512) },
      ]);
    });

    test('moves data both ways: 24 bytes out and 36 in', () => {
      const world = wordOf(counting(36));
      const inDataBuffer = new Uint8Array(36);
      const packet = command({
        dataDirection: EFI_EXT_SCSI_DATA_DIRECTION_BIDIRECTIONAL,
        inDataBuffer,
        inTransferLength: 36,
        outDataBuffer: counting(24),
        outTransferLength: 24,
      });
      world.open().passThru(unit(0), packet);
      expect(world.device.requests).toMatchObject([
        { lengths: [51, 24, 108, 36], readable: 2, dataOut: counting(24) },
      ]);
      expect(inDataBuffer).toEqual(counting(36));
      expect(packet).toMatchObject({ inTransferLength: 36, outTransferLength: 24 });
    });

    test('does not move both ways where VIRTIO_SCSI_F_INOUT is not offered', () => {
      const world = new ScsiWorld({ profile, scsi: { features: 0n } });
      const packet = command({
        dataDirection: EFI_EXT_SCSI_DATA_DIRECTION_BIDIRECTIONAL,
        inDataBuffer: new Uint8Array(36),
        inTransferLength: 36,
        outDataBuffer: new Uint8Array(24),
        outTransferLength: 24,
      });
      const before = { ...packet };
      expect(() => world.open().passThru(unit(0), packet)).toThrow('EFI_UNSUPPORTED');
      expect(packet).toEqual(before);
      expect(world.device.requests).toEqual([]);
    });

    test('64 MiB are too much: the packet says how much is not', () => {
      const world = new ScsiWorld({ profile });
      const inDataBuffer = { address: 0x100000, length: 64 * MIB };
      const packet = command({ inDataBuffer, inTransferLength: 64 * MIB });
      expect(() => world.open().passThru(unit(0), packet)).toThrow('EFI_BAD_BUFFER_SIZE');
      expect(packet).toMatchObject(
        profile === 'edk2'
          ? { inTransferLength: 16776704, outTransferLength: 16776704, hostAdapterStatus: 0x12 }
          : { inTransferLength: 0xffff * 512, outTransferLength: 0, hostAdapterStatus: 0x12 },
      );
      expect(world.device.requests).toEqual([]);
    });

    test('sense data come with a CHECK CONDITION, and nothing is thrown', () => {
      const sense = Uint8Array.of(0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0);
      const world = new ScsiWorld({
        profile,
        scsi: { answer: () => ({ status: 2, sense, residual: 36 }) },
      });
      const senseData = new Uint8Array(252);
      const packet = command({
        senseData,
        senseDataLength: 252,
        inDataBuffer: new Uint8Array(36),
        inTransferLength: 36,
      });
      world.open().passThru(unit(0), packet);
      expect(packet).toMatchObject({
        targetStatus: 2,
        hostAdapterStatus: 0,
        senseDataLength: 18,
        inTransferLength: 0,
      });
      expect(senseData.subarray(0, 18)).toEqual(sense);
    });

    test.each([
      [1, 'EFI_DEVICE_ERROR', 0x12],
      [2, 'EFI_DEVICE_ERROR', 0x7f],
      [3, 'EFI_TIMEOUT', 0x09],
      [4, 'EFI_DEVICE_ERROR', 0x0e],
      [5, 'EFI_NOT_READY', 0x00],
      [6, 'EFI_DEVICE_ERROR', 0x7f],
      [9, 'EFI_DEVICE_ERROR', 0x7f],
      [200, 'EFI_DEVICE_ERROR', 0x7f],
    ])(
      'response %d is %s: what came is in the packet all the same',
      (response, status, adapter) => {
        const sense = Uint8Array.of(0x70, 0, 6);
        const answer = { response, status: 8, sense, residual: 30, dataIn: counting(6) };
        const world = new ScsiWorld({ profile, scsi: { answer: () => answer } });
        const inDataBuffer = new Uint8Array(36);
        const senseData = new Uint8Array(18);
        const packet = command({
          inDataBuffer,
          inTransferLength: 36,
          senseData,
          senseDataLength: 18,
        });
        expect(() => world.open().passThru(unit(0), packet)).toThrow(status);
        expect(packet).toMatchObject({
          hostAdapterStatus: adapter,
          targetStatus: 8,
          inTransferLength: 6,
          senseDataLength: 3,
        });
        expect(inDataBuffer.subarray(0, 6)).toEqual(counting(6));
        expect(senseData.subarray(0, 3)).toEqual(sense);
      },
    );

    test('blocks, and does not look at an event: NONBLOCKIO is not offered', () => {
      const world = new ScsiWorld({ profile });
      const scsi = world.open();
      expect(scsi.mode).toEqual({ adapterId: 0xffffffff, attributes: 3, ioAlign: 0 });
      let signals = 0;
      const event = world.bs.createEvent(
        EVT_NOTIFY_SIGNAL,
        TPL_CALLBACK,
        () => signals++,
        undefined,
      );
      scsi.passThru(unit(0), command(), event);
      expect(signals).toBe(0);
      expect(world.device.requests).toHaveLength(1);
    });

    test('a device that takes its time is waited for', () => {
      const world = new ScsiWorld({ profile, scsi: { latency: 3_000_000 } });
      const scsi = world.open();
      const { cycles } = world.machine.platform;
      const before = cycles.now;
      scsi.passThru(unit(0), command());
      expect(cycles.now - before).toBeGreaterThanOrEqual(3_000_000);
    });
  },
);

describe('a notification function at TPL_CALLBACK that sends a command while another is in the ring', () => {
  function interrupted(profile: Profile): () => readonly number[] {
    const world = new ScsiWorld({
      profile,
      scsi: { latency: 50_000_000, answer: ({ cdb: [code = 0] }) => ({ status: code }) },
    });
    const scsi = world.open();
    const [first, second] = [1, 2].map((code) => command({ cdb: new Uint8Array(6).fill(code) }));
    if (first === undefined || second === undefined) throw new TypeError('two were made');
    const timer = world.bs.createEvent(
      EVT_TIMER | EVT_NOTIFY_SIGNAL,
      TPL_CALLBACK,
      () => scsi.passThru(unit(0), second),
      undefined,
    );
    world.bs.setTimer(timer, 'TimerRelative', 10_000);
    return () => {
      scsi.passThru(unit(0), first);
      return [first.targetStatus, second.targetStatus];
    };
  }

  test('specification: waits for its end', () => {
    expect(interrupted('specification')()).toEqual([1, 2]);
  });

  test('QUIRK NoTplRaise: has both in one ring, and the first waits for ever', () => {
    expect(interrupted('edk2')).toThrow(expect.objectContaining({ kind: 'budget-spent' }));
  });
});
