import { VIRTIO_SCSI_T_TMF_ABORT_TASK } from '@dxelab/virtio';
import { describe, expect, test } from 'vitest';
import type { ScsiWorldOptions } from './scsi-world.fixture.ts';
import { command, ScsiWorld, unit } from './scsi-world.fixture.ts';
import { EVERY_DRIVER, TRANSPORTS } from './transports.fixture.ts';

const SILENT = 0xff;
/** In units of 100 ns. */
const SECOND = 10_000_000;

/** A device that never answers the command 0xff. */
function silentWorld(options: ScsiWorldOptions = {}): ScsiWorld {
  const { scsi, ...others } = options;
  return new ScsiWorld({
    ...others,
    scsi: { answer: ({ cdb }) => (cdb[0] === SILENT ? 'silent' : { status: 4 }), ...scsi },
  });
}

function silentCommand(timeout: number) {
  return command({
    timeout,
    cdb: new Uint8Array(6).fill(SILENT),
    inDataBuffer: new Uint8Array(512),
    inTransferLength: 512,
    senseData: new Uint8Array(18),
    senseDataLength: 18,
  });
}

const TIMED_OUT = { hostAdapterStatus: 0x09, targetStatus: 0, senseDataLength: 0 };

describe('a timeout (UEFI §15.7.2), specification', () => {
  test('aborts the command, which comes back: EFI_TIMEOUT, and the device works on', () => {
    const world = silentWorld();
    const scsi = world.open();
    scsi.passThru(unit(3, 5), command());
    const packet = silentCommand(SECOND);
    const { cycles } = world.machine.platform;
    const before = cycles.now;
    expect(() => scsi.passThru(unit(3, 5), packet)).toThrow('EFI_TIMEOUT');
    expect(cycles.now - before).toBeGreaterThanOrEqual(1e9);
    expect(cycles.now - before).toBeLessThan(1.01e9);
    expect(packet).toMatchObject({ ...TIMED_OUT, inTransferLength: 0, outTransferLength: 0 });
    const [, late] = world.device.requests;
    expect(world.device.functions).toEqual([
      `${VIRTIO_SCSI_T_TMF_ABORT_TASK} 0103400500000000 ${late?.id}`,
    ]);
    expect(world.device.starts).toBe(1);

    const next = command();
    scsi.passThru(unit(3, 5), next);
    expect(next).toMatchObject({ targetStatus: 4, hostAdapterStatus: 0 });
    expect(world.findings).toEqual([]);
  });

  test.each<readonly [string, NonNullable<ScsiWorldOptions['scsi']>]>([
    ['keeps the command though it says that it is aborted', { keepsAborted: true }],
    ['rejects the function', { keepsAborted: true, manage: () => 11 }],
    ['does not answer that either', { keepsAborted: true, manage: () => 'silent' }],
  ])('a device that %s is reset, and set up again', (_what, scsi) => {
    const world = silentWorld({ scsi });
    const channel = world.open();
    const { mode } = channel;
    const free: number[] = [];
    for (let round = 1; round <= 3; round++) {
      expect(() => channel.passThru(unit(0), silentCommand(SECOND))).toThrow('EFI_TIMEOUT');
      expect(world.device.starts).toBe(1 + round);
      const next = command();
      channel.passThru(unit(255, 16383), next);
      expect(next.targetStatus).toBe(4);
      free.push(world.freePages());
    }
    expect(channel.mode).toBe(mode);
    expect(new Set(free).size).toBe(1);
    expect(world.findings).toEqual([]);
  });

  test.each(TRANSPORTS)('over %s, too', (_name, plug) => {
    const world = silentWorld({ plug, modules: EVERY_DRIVER, scsi: { keepsAborted: true } });
    const channel = world.open();
    expect(() => channel.passThru(unit(0), silentCommand(SECOND))).toThrow('EFI_TIMEOUT');
    const next = command({ inDataBuffer: new Uint8Array(36), inTransferLength: 36 });
    channel.passThru(unit(0), next);
    expect(next).toMatchObject({ targetStatus: 4, inTransferLength: 36 });
    expect(world.findings).toEqual([]);
  });

  test('without task management the device is reset at once', () => {
    const world = silentWorld({ quirks: { 'VirtioScsiDxe.NoTaskManagement': true } });
    const channel = world.open();
    expect(() => channel.passThru(unit(0), silentCommand(SECOND))).toThrow('EFI_TIMEOUT');
    expect(world.device.starts).toBe(2);
    expect(world.device.functions).toEqual([]);
    channel.passThru(unit(0), command());
  });

  test('a device that does not come back is tried again with the next command', () => {
    const world = silentWorld({ scsi: { keepsAborted: true } });
    const channel = world.open();
    const queues = world.device.config.slice(0, 4);
    world.device.config.fill(0, 0, 4);
    expect(() => channel.passThru(unit(0), silentCommand(SECOND))).toThrow('EFI_TIMEOUT');
    const lost = command();
    expect(() => channel.passThru(unit(0), lost)).toThrow('EFI_DEVICE_ERROR');
    expect(lost).toMatchObject({ hostAdapterStatus: 0x7f, targetStatus: 0 });
    world.device.config.set(queues);
    channel.passThru(unit(0), command());
    world.bs.disconnectController(world.function);
  });

  test('is not felt by a command that ends in time, nor by one that is given none', () => {
    const latency = 900_000_000;
    const world = silentWorld({ scsi: { latency, answer: () => ({}) } });
    const channel = world.open();
    channel.passThru(unit(0), command({ timeout: SECOND }));
    channel.passThru(unit(0), command({ timeout: 0 }));
    expect(world.device.functions).toEqual([]);
    expect(() => channel.passThru(unit(0), command({ timeout: 1 }))).toThrow('EFI_TIMEOUT');
  });

  test('every request has an id of its own, so that one of them can be aborted', () => {
    const world = silentWorld();
    const channel = world.open();
    for (let count = 0; count < 4; count++) channel.passThru(unit(count), command());
    expect(new Set(world.device.requests.map(({ id }) => id)).size).toBe(4);
  });
});

describe('edk2', () => {
  test('QUIRK TimeoutIgnored: the command is waited for until the budget is spent', () => {
    const channel = silentWorld({ profile: 'edk2' }).open();
    expect(() => channel.passThru(unit(0), silentCommand(SECOND))).toThrow(
      expect.objectContaining({ kind: 'budget-spent' }),
    );
  });

  test('QUIRK RequestIdZero', () => {
    const world = silentWorld({ profile: 'edk2' });
    const channel = world.open();
    for (let count = 0; count < 4; count++) channel.passThru(unit(count), command());
    expect(world.device.requests.map(({ id }) => id)).toEqual([0, 0, 0, 0]);
  });

  test('honoured after all, it still gives every page back', () => {
    const quirks = { 'VirtioScsiDxe.TimeoutIgnored': false };
    const world = silentWorld({ profile: 'edk2', quirks });
    const channel = world.open();
    const free = world.freePages();
    expect(() => channel.passThru(unit(0), silentCommand(SECOND))).toThrow('EFI_TIMEOUT');
    channel.passThru(unit(0), command());
    expect(world.freePages()).toBe(free);
  });
});
