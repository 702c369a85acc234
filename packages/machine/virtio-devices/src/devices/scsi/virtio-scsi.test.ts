import { describe, expect, test } from 'vitest';
import { TestMachine } from '../../test-machine.fixture.ts';
import { LegacyMachine } from '../../transports/pci-legacy/legacy-machine.fixture.ts';
import {
  answerIn,
  CANARY,
  command,
  INOUT,
  lunBytes,
  request,
  REQUESTS,
  start,
} from './scsi-driver.fixture.ts';
import { CMD, TestUnit } from './scsi-unit.fixture.ts';
import type { VirtioScsiOptions } from './virtio-scsi-options.ts';
import { VirtioScsi } from './virtio-scsi.ts';

const R = { OK: 0, OVERRUN: 1, BAD_TARGET: 3, BUSY: 5, FAILURE: 9 };
const NOTHING = command([CMD.NOTHING]);

function config(bench: TestMachine): readonly number[] {
  const fields = [0, 4, 8, 12, 16, 20, 24].map((offset) => bench.config(offset, 4));
  return [...fields, bench.config(28, 2), bench.config(30, 2), bench.config(32, 4)];
}

describe('the device (§5.6.1 to §5.6.4)', () => {
  test('is of type 8, with a control, an event and a request queue, as QEMU’s', () => {
    const model = new VirtioScsi();
    expect([model.deviceType, model.queueSizes, model.features]).toEqual([8, [256, 256, 256], 6n]);
    expect(config(new TestMachine(model))).toEqual([
      1, 254, 0xffff, 128, 16, 96, 32, 0, 255, 16383,
    ]);
  });

  test('has what its options say', () => {
    const model = new VirtioScsi({
      requestQueues: 3,
      queueSize: 64,
      maxSectors: 128,
      cmdPerLun: 2,
      maxTarget: 3,
      maxLun: 9,
      inout: true,
      hotplug: false,
      paramChange: false,
    });
    expect([model.queueSizes, model.features]).toEqual([[64, 64, 64, 64, 64], INOUT]);
    expect(config(new TestMachine(model))).toEqual([3, 62, 128, 2, 16, 96, 32, 0, 3, 9]);
  });

  test('can lie about its configuration', () => {
    const claims = { numQueues: 0, maxChannel: 1, maxSectors: 1, maxTarget: 0xffff };
    const { bench } = start({ claims });
    expect(config(bench)).toEqual([0, 254, 1, 128, 16, 96, 32, 1, 0xffff, 16383]);
  });

  test('serves every request queue, each for itself', () => {
    const { bench, unit } = start({ requestQueues: 2 });
    bench.offer([command([CMD.IN, 4]), 108, 4], REQUESTS + 1);
    expect([bench.usedIndex(REQUESTS), bench.usedIndex(REQUESTS + 1)]).toEqual([0, 1]);
    expect([...bench.bytes(2, 4)]).toEqual([1, 2, 3, 4]);
    request(bench, NOTHING);
    expect(unit.commands).toEqual([CMD.IN, CMD.NOTHING]);
  });
});

describe('sense_size and cdb_size (§5.6.4)', () => {
  test('change the layout of requests', () => {
    const { bench, unit } = start();
    bench.writeConfig(20, 4, 8);
    bench.writeConfig(24, 4, 16);
    const sizes = { cdb: 16, sense: 8 };
    const header = command([CMD.IN, 3, 9, 9], lunBytes(0), 0, sizes.cdb);
    const { response, data, length } = request(bench, header, undefined, 5, sizes);
    expect([response, data, length]).toEqual([R.OK, [1, 2, 3, CANARY, CANARY], 12 + 8 + 3]);
    expect(unit.cdb.slice(0, 5)).toEqual([CMD.IN, 3, 9, 9, 0]);
    expect(bench.broken).toEqual([]);
  });

  test('cut sense data off', () => {
    const { bench } = start();
    bench.writeConfig(20, 4, 4);
    const answer = request(bench, command([CMD.SENSE, 18]), undefined, 0, { cdb: 32, sense: 4 });
    expect(answer).toMatchObject({ response: R.OK, status: 2, sense: [1, 2, 3, 4] });
  });

  test('may be 0: a CDB that is not sent reads as zeros', () => {
    const { bench, unit } = start();
    request(bench, command([0xff]));
    bench.writeConfig(24, 4, 0);
    expect(request(bench, command([], lunBytes(0), 0, 0)).response).toBe(R.OK);
    expect([...new Set(unit.cdb)]).toEqual([0]);
  });

  test('may be written byte by byte, as OVMF does on MMIO, and are back after a reset (§5.6.4.2)', () => {
    const { bench } = start();
    for (const [index, byte] of [0x02, 0x01, 0, 0].entries())
      bench.writeConfig(20 + index, 1, byte);
    bench.writeConfig(24, 2, 16);
    expect(config(bench).slice(5, 7)).toEqual([0x102, 16]);
    bench.status = 0;
    expect(config(bench).slice(5, 7)).toEqual([96, 32]);
    bench.start();
    expect(request(bench, NOTHING).response).toBe(R.OK);
    expect(bench.broken).toEqual([]);
  });

  test('are all that can be written (§5.6.4.1)', () => {
    const { bench } = start();
    for (const offset of [0, 4, 16, 30, 32]) bench.writeConfig(offset, 2, 7);
    expect(config(bench)).toEqual([1, 254, 0xffff, 128, 16, 96, 32, 0, 255, 16383]);
    expect(bench.broken).toEqual(Array(5).fill('virtio-1.4 5.6.4.1'));
  });

  test.each([
    ['sense_size', 20, 0x10000],
    ['cdb_size', 24, 0x100],
  ])('of %s have a limit, as QEMU’s: the device needs a reset', (_name, offset, value) => {
    const { bench } = start();
    bench.writeConfig(offset, 4, value);
    bench.offer([NOTHING, 108], REQUESTS);
    expect([bench.status, ...bench.broken]).toEqual([0x4f, 'virtio-1.4 5.6.4']);
  });
});

describe('the address of a logical unit (§5.6.6.1)', () => {
  function withUnits() {
    const units = [new TestUnit(), new TestUnit(), new TestUnit()];
    const [a, b, c] = units;
    if (a === undefined || b === undefined || c === undefined) throw new Error('three units');
    const { bench } = start({
      units: [
        { target: 0, lun: 0, unit: a },
        { target: 255, lun: 200, unit: b },
        { target: 255, lun: 16383, unit: c },
      ],
    });
    return { bench, units };
  }

  test.each([
    ['flat, 0', [1, 0, 0x40, 0], 0],
    ['peripheral, 0', [1, 0, 0, 0], 0],
    ['flat, 200', [1, 255, 0x40, 200], 1],
    ['peripheral, 200', [1, 255, 0, 200], 1],
    ['flat, 16383', [1, 255, 0x7f, 0xff], 2],
  ])('can be %s', (_name, bytes, reached) => {
    const { bench, units } = withUnits();
    expect(
      request(bench, command([CMD.NOTHING], Uint8Array.from([...bytes, 0, 0, 0, 0]))),
    ).toMatchObject({
      response: R.OK,
      status: 0,
    });
    expect(units.map(({ commands }) => commands.length)).toEqual(
      [0, 1, 2].map((index) => Number(index === reached)),
    );
    expect(bench.broken).toEqual([]);
  });

  test('of a target that is not there is answered with BAD_TARGET, and nothing was moved', () => {
    const { bench } = withUnits();
    const answer = request(bench, command([CMD.IN, 4], lunBytes(1)), undefined, 16);
    expect(answer).toMatchObject({ response: R.BAD_TARGET, status: 0, residual: 16, length: 108 });
    expect(bench.broken).toEqual([]);
  });

  test('of a logical unit that is not there is answered by its target (SPC-6 §6.7)', () => {
    const { bench } = withUnits();
    const { response, data } = request(
      bench,
      command([0x12, 0, 0, 0, 36], lunBytes(255, 3)),
      undefined,
      36,
    );
    expect([response, data[0]]).toEqual([R.OK, 0x7f]);
    const unknown = request(bench, command([0x00], lunBytes(255, 3)));
    // ILLEGAL REQUEST, LOGICAL UNIT NOT SUPPORTED
    expect(unknown).toMatchObject({ response: R.OK, status: 2 });
    expect([unknown.sense[2], unknown.sense[12], unknown.sense[13]]).toEqual([5, 0x25, 0]);
  });

  test.each([
    ['another first byte', [2, 0, 0x40, 0, 0, 0, 0, 0]],
    ['all zeros', [0, 0, 0, 0, 0, 0, 0, 0]],
    ['peripheral addressing of another bus', [1, 0, 0x01, 0, 0, 0, 0, 0]],
    ['logical unit addressing', [1, 0, 0x80, 0, 0, 0, 0, 0]],
    ['another well-known logical unit', [0xc1, 2, 0, 0, 0, 0, 0, 0]],
    ['extended addressing', [1, 0, 0xd2, 0, 0, 0, 0, 0]],
  ])('of %s names nothing', (_name, bytes) => {
    const { bench, units } = withUnits();
    const answer = request(bench, command([CMD.NOTHING], Uint8Array.from(bytes)));
    expect(answer).toMatchObject({ response: R.BAD_TARGET });
    expect(units.flatMap(({ commands }) => commands)).toEqual([]);
    expect(bench.broken).toEqual(['virtio-1.4 5.6.6.1']);
  });

  test('with more behind it is taken, and reported', () => {
    const { bench, unit } = start();
    const lun = Uint8Array.of(1, 0, 0x40, 0, 0, 0, 0, 9);
    expect(request(bench, command([CMD.NOTHING], lun)).response).toBe(R.OK);
    expect([unit.commands.length, ...bench.broken]).toEqual([1, 'virtio-1.4 5.6.6.1']);
  });

  test('C1 01 is the REPORT LUNS well-known logical unit: it lists all there are', () => {
    const { bench } = withUnits();
    const wellKnown = Uint8Array.of(0xc1, 1, 0, 0, 0, 0, 0, 0);
    const reportLuns = (...cdb: number[]) =>
      request(bench, command([0xa0, 0, ...cdb], wellKnown), undefined, 64);
    const all = reportLuns(0, 0, 0, 0, 0, 0, 0, 64);
    expect([all.response, all.status, all.residual, all.length]).toEqual([0, 0, 32, 108 + 32]);
    expect(all.data.slice(0, 32)).toEqual(
      [
        [0, 0, 0, 24, 0, 0, 0, 0],
        [1, 0, 0, 0, 0, 0, 0, 0],
        [1, 255, 0, 200, 0, 0, 0, 0],
        [1, 255, 0x7f, 0xff, 0, 0, 0, 0],
      ].flat(),
    );
    const itself = reportLuns(1, 0, 0, 0, 0, 0, 0, 64);
    expect(itself.data.slice(0, 16)).toEqual([0, 0, 0, 8, 0, 0, 0, 0, 0xc1, 1, 0, 0, 0, 0, 0, 0]);
    expect(reportLuns(0, 0, 0, 0, 0, 0, 0, 20).data.slice(16, 21)).toEqual([
      1,
      255,
      0,
      200,
      CANARY,
    ]);
    expect(reportLuns(0, 0, 0, 0, 0, 0, 1, 0)).toMatchObject({ response: R.OK, residual: 32 });
    expect(reportLuns(3, 0, 0, 0, 0, 0, 0, 64)).toMatchObject({ status: 2 });
    expect(bench.broken).toEqual([]);
  });

  test('of the well-known logical unit of a target lists that target’s', () => {
    const { bench } = withUnits();
    const wellKnown = Uint8Array.of(1, 255, 0xc1, 1, 0, 0, 0, 0);
    const cdb = [0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 64];
    const { data } = request(bench, command(cdb, wellKnown), undefined, 24);
    expect(data).toEqual([
      0, 0, 0, 16, 0, 0, 0, 0, 0, 200, 0, 0, 0, 0, 0, 0, 0x7f, 0xff, 0, 0, 0, 0, 0, 0,
    ]);
  });
});

describe('a command (§5.6.6.1)', () => {
  test('delivers data, however the driver cut its buffers (§2.7.4.1)', () => {
    const { bench } = start();
    const header = command([CMD.IN, 8]);
    bench.offer([header.subarray(0, 3), header.subarray(3), 11, 90, 9, 5, 1], REQUESTS);
    expect([...bench.bytes(4, 9), ...bench.bytes(5, 5), ...bench.bytes(6, 1)]).toEqual(
      [[0, 0, 0, 0, 0, 0, 0, 1, 2], [3, 4, 5, 6, 7], [8]].flat(),
    );
    expect([bench.used(REQUESTS).length, ...bench.broken]).toEqual([108 + 8]);
  });

  test('takes data, which may begin in the middle of a descriptor', () => {
    const { bench, unit } = start();
    const header = command([CMD.OUT, 5]);
    const joined = new Uint8Array(header.length + 2);
    joined.set(header);
    joined.set([10, 11], header.length);
    bench.offer([joined, Uint8Array.of(12), Uint8Array.of(13, 14, 15), 108], REQUESTS);
    expect(unit.taken).toEqual([10, 11, 12, 13, 14]);
    expect(answerIn(bench, 3)).toEqual({
      response: R.OK,
      status: 0,
      residual: 1,
      sense: [],
      length: 108,
    });
  });

  test('moves data both ways with VIRTIO_SCSI_F_INOUT; the residual counts both', () => {
    const { bench, unit } = start({ inout: true }, INOUT);
    const answer = request(bench, command([CMD.BOTH, 3]), Uint8Array.of(1, 2, 3, 4), 10);
    expect(answer).toMatchObject({ response: R.OK, residual: 8, length: 111 });
    expect([unit.taken, answer.data.slice(0, 4)]).toEqual([
      [1, 2, 3],
      [254, 253, 252, CANARY],
    ]);
  });

  test('with data both ways fails without that feature, and is not carried out (§5.6.6.1.1)', () => {
    const { bench, unit } = start({ inout: true });
    const answer = request(bench, command([CMD.BOTH, 3]), Uint8Array.of(1, 2, 3), 3);
    expect(answer).toMatchObject({ response: R.FAILURE, residual: 6 });
    expect([unit.commands, bench.broken]).toEqual([[], ['virtio-1.4 5.6.6.1.1']]);
  });

  test.each([
    ['in', [CMD.IN, 9], [], 4],
    ['out', [CMD.OUT, 9], [1, 2, 3, 4], 0],
  ])('that wants more data %s than there is room for is an OVERRUN', (_name, cdb, out, into) => {
    const { bench } = start();
    const answer = request(bench, command(cdb), Uint8Array.from(out), into);
    expect(answer).toMatchObject({ response: R.OVERRUN, residual: 0, length: 108 + into });
  });

  test('that fails comes with its status and sense data, and leaves none to the next', () => {
    const { bench } = start();
    const failed = request(bench, command([CMD.SENSE, 18]));
    expect(failed).toMatchObject({ response: R.OK, status: 2, length: 108 });
    expect(failed.sense).toEqual(Array.from({ length: 18 }, (_, index) => index + 1));
    expect(request(bench, NOTHING)).toMatchObject({ status: 0, sense: [] });
    expect(bench.bytes(1, 108).every((byte) => byte === 0)).toBe(true);
  });

  test('has zero in task_attr, prio and crn (§5.6.6.1.2)', () => {
    const { bench } = start();
    for (const offset of [16, 17, 18]) {
      const header = NOTHING.slice();
      header[offset] = 1;
      expect(request(bench, header).response).toBe(R.OK);
    }
    expect(bench.broken).toEqual(Array(3).fill('virtio-1.4 5.6.6.1.2'));
  });

  test('of more segments than seg_max is served and reported (§5.6.4)', () => {
    const { bench } = start({ segMax: 2 });
    bench.offer([command([CMD.IN, 3]), 108, 1, 1, 1], REQUESTS);
    expect([answerIn(bench, 1).response, ...bench.broken]).toEqual([R.OK, 'virtio-1.4 5.6.4']);
  });

  test.each([
    ['no room for its CDB', [NOTHING.subarray(0, 50), 108]],
    ['no room for sense data', [NOTHING, 107]],
    ['nothing to read', [108]],
    ['nothing to write', [NOTHING]],
  ])('with %s cannot be answered: the device needs a reset', (_name, pieces) => {
    const { bench, unit } = start();
    bench.offer(pieces, REQUESTS);
    expect([bench.status, bench.usedIndex(REQUESTS), unit.commands]).toEqual([0x4f, 0, []]);
    expect(bench.broken).toEqual(['virtio-1.4 5.6.6.1']);
  });
});

describe('through a legacy interface', () => {
  function legacy(): LegacyMachine {
    const unit = new TestUnit();
    return new LegacyMachine(new VirtioScsi({ units: [{ target: 0, lun: 0, unit }] }));
  }

  test('headers are one descriptor each (§5.6.6.4)', () => {
    const bench = legacy();
    bench.start(0n);
    bench.offer([command([CMD.IN, 2]), 108, 2], REQUESTS);
    expect([...bench.bytes(2, 2), ...bench.broken]).toEqual([1, 2]);
    bench.offer([command([CMD.IN, 2]), 110], REQUESTS);
    expect([...bench.bytes(1, 110).subarray(108), ...bench.broken]).toEqual([
      1,
      2,
      'virtio-1.4 5.6.6.4',
    ]);
  });

  test('but need not with VIRTIO_F_ANY_LAYOUT', () => {
    const bench = legacy();
    bench.start(1n << 27n);
    bench.offer([command([CMD.IN, 2]), 110], REQUESTS);
    expect(bench.broken).toEqual([]);
  });
});

describe('options', () => {
  test('response: every command, or those that are chosen, ends with it and is not carried out', () => {
    const { bench, unit } = start({ response: 'BUSY' });
    const answer = request(bench, command([CMD.IN, 4]), undefined, 4);
    expect(answer).toMatchObject({ response: R.BUSY, status: 0, residual: 4, length: 108 });
    expect(unit.commands).toEqual([]);
    const chosen = start({
      response: ({ target, lun, cdb }) =>
        target === 0 && lun === 0 && cdb[0] === CMD.OUT ? 'FAILURE' : undefined,
    });
    expect(request(chosen.bench, command([CMD.OUT])).response).toBe(R.FAILURE);
    expect(request(chosen.bench, NOTHING).response).toBe(R.OK);
  });

  test.each<[VirtioScsiOptions, string]>([
    [{ requestQueues: 0 }, 'requestQueues must be a whole number from 1 to 64; it is 0'],
    [{ queueSize: 3 }, 'queueSize must be a power of two, or 0; it is 3'],
    [{ maxTarget: 256 }, 'maxTarget must be a whole number from 0 to 255; it is 256'],
    [{ maxLun: 16384 }, 'maxLun must be'],
    [{ maxSectors: 0 }, 'maxSectors must be'],
    [{ latency: -1 }, 'latency must be a number of nanoseconds from 0, or Infinity; it is -1'],
    [{ latency: Number.NaN }, 'latency must be'],
  ])('that no device can have are refused: %o', (options, message) => {
    expect(() => new VirtioScsi(options)).toThrow(message);
  });

  test.each([
    [{ maxTarget: 3 }, 4, 0, 'target must be a whole number from 0 to 3; it is 4'],
    [{ maxLun: 3 }, 0, 4, 'lun must be a whole number from 0 to 3; it is 4'],
    [{}, 0, 0, 'LUN 0 of test-unit is taken by test-unit'],
  ])('units that cannot be there are refused: %o', (options, target, lun, message) => {
    const { model } = start(options);
    expect(() => model.plug(target, lun, new TestUnit())).toThrow(message);
  });
});

test('a reset of the device resets every logical unit', () => {
  const { bench, unit } = start();
  const before = unit.resets;
  bench.status = 0;
  expect(unit.resets).toBe(before + 1);
});

test('tracing shows commands, in QEMU’s words', () => {
  const events: [string, unknown][] = [];
  const model = new VirtioScsi({ units: [{ target: 2, lun: 300, unit: new TestUnit() }] });
  const bench = new TestMachine(model, {
    name: 'scsi0',
    trace: (name, fields) => events.push([name, fields]),
  });
  bench.start();
  request(bench, command([CMD.SENSE, 18], lunBytes(2, 300), 77));
  const where = { device: 'scsi0', target: 2, lun: 300, tag: 77 };
  expect(events.filter(([name]) => name.startsWith('virtio_scsi'))).toEqual([
    ['virtio_scsi_cmd_req', { ...where, cmd: CMD.SENSE }],
    ['virtio_scsi_cmd_resp', { ...where, response: 0, status: 2 }],
  ]);
});
