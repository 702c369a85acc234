import { describe, expect, test } from 'vitest';
import {
  ASIDE,
  CANARY,
  command,
  control,
  CONTROL,
  answerIn,
  lunBytes,
  REQUESTS,
  start,
  tmf,
} from './scsi-driver.fixture.ts';
import { CMD, TestUnit } from './scsi-unit.fixture.ts';
import type { VirtioScsiOptions } from './virtio-scsi-options.ts';
import { TestMachine } from '../../test-machine.fixture.ts';
import { VirtioScsi } from './virtio-scsi.ts';

const TMF = {
  ABORT_TASK: 0,
  ABORT_TASK_SET: 1,
  CLEAR_ACA: 2,
  CLEAR_TASK_SET: 3,
  I_T_NEXUS_RESET: 4,
  LOGICAL_UNIT_RESET: 5,
  QUERY_TASK: 6,
  QUERY_TASK_SET: 7,
};
const COMPLETE = 0;
const BAD_TARGET = 3;
const SUCCEEDED = 10;
const REJECTED = 11;
const INCORRECT_LUN = 12;
const ABORTED = 2;
const RESET = 4;

/** Unit 0 and 1 of target 0, and unit 0 of target 1, with a command 1, 2, 3 under way in each. */
function underWay(options: VirtioScsiOptions = {}) {
  const units = [new TestUnit(), new TestUnit(), new TestUnit()] as const;
  const { bench, model } = start({
    units: [
      { target: 0, lun: 0, unit: units[0] },
      { target: 0, lun: 1, unit: units[1] },
      { target: 1, lun: 0, unit: units[2] },
    ],
    latency: Infinity,
    ...options,
  });
  const places = [lunBytes(0), lunBytes(0, 1), lunBytes(1)];
  for (const [index, lun] of places.entries()) {
    bench.offer([command([CMD.IN, 4], lun, index + 1), 108, 4], REQUESTS, 3 * index);
  }
  const resets = units.map((unit) => unit.resets);
  return {
    bench,
    model,
    units,
    /** How each command was answered; 0xc5 if it was not. */
    responses: () => [1, 4, 7].map((index) => answerIn(bench, index).response),
    resets: () => units.map((unit, index) => unit.resets - (resets[index] ?? 0)),
  };
}

describe('latency', () => {
  test('a command is carried out after it, in virtual time', () => {
    const { bench, unit } = start({ latency: 50_000 });
    bench.offer([command([CMD.IN, 4]), 108, 4], REQUESTS);
    bench.machine.platform.clock.delay(10_000);
    expect([unit.commands, bench.usedIndex(REQUESTS)]).toEqual([[], 0]);
    bench.machine.platform.clock.delay(50_000);
    expect([bench.usedIndex(REQUESTS), ...bench.bytes(2, 4)]).toEqual([1, 1, 2, 3, 4]);
  });

  test('may be each command’s own: a short one overtakes', () => {
    const { bench, unit } = start({
      latency: ({ cdb }) => (cdb[0] === CMD.IN ? 50_000 : cdb[0] === CMD.OUT ? 10_000 : 0),
    });
    bench.offer([command([CMD.IN, 4]), 108, 4], REQUESTS);
    bench.offer([command([CMD.OUT]), 108], REQUESTS, 4);
    bench.offer([command([CMD.NOTHING]), 108], REQUESTS, 8);
    bench.machine.platform.clock.delay(100_000);
    expect(unit.commands).toEqual([CMD.NOTHING, CMD.OUT, CMD.IN]);
  });

  test('is not waited for after a reset of the device', () => {
    const { bench, unit } = start({ latency: 50_000 });
    bench.offer([command([CMD.IN, 4]), 108, 4], REQUESTS);
    bench.status = 0;
    bench.machine.platform.clock.delay(100_000);
    expect([unit.commands, bench.bytes(1, 1)[0]]).toEqual([[], CANARY]);
  });

  test('goes by the layout that held when the command came', () => {
    const { bench } = start({ latency: 50_000 });
    bench.offer([command([CMD.IN, 4]), 108, 4], REQUESTS);
    bench.writeConfig(20, 4, 8);
    bench.machine.platform.clock.delay(100_000);
    expect([...bench.bytes(2, 4)]).toEqual([1, 2, 3, 4]);
  });

  test('lets more than cmd_per_lun commands be under way for one unit (§5.6.4.1)', () => {
    const { bench } = start({ latency: 50_000, cmdPerLun: 1 });
    bench.offer([command([CMD.NOTHING]), 108], REQUESTS);
    expect(bench.broken).toEqual([]);
    bench.offer([command([CMD.NOTHING]), 108], REQUESTS, 4);
    expect(bench.broken).toEqual(['virtio-1.4 5.6.4.1']);
  });
});

describe('task management (§5.6.6.2)', () => {
  test('ABORT TASK ends the command of that id and answers it first', () => {
    const { bench, responses, resets } = underWay();
    expect(control(bench, tmf(TMF.ABORT_TASK, lunBytes(0, 1), 2))).toEqual([COMPLETE]);
    expect([responses(), resets()]).toEqual([
      [CANARY, ABORTED, CANARY],
      [0, 0, 0],
    ]);
    expect(answerIn(bench, 4)).toMatchObject({ residual: 4, status: 0, length: 108 });
    expect(bench.bytes(5, 4).every((byte) => byte === CANARY)).toBe(true);
  });

  test.each([
    ['of another unit', lunBytes(0), 2],
    ['that is not under way', lunBytes(0, 1), 9],
  ])('ABORT TASK of a command %s is complete, and ends nothing', (_name, lun, id) => {
    const { bench, responses } = underWay();
    expect(control(bench, tmf(TMF.ABORT_TASK, lun, id))).toEqual([COMPLETE]);
    expect(responses()).toEqual([CANARY, CANARY, CANARY]);
  });

  test.each([
    ['ABORT_TASK_SET', [ABORTED, CANARY, CANARY], [0, 0, 0]],
    ['CLEAR_TASK_SET', [ABORTED, CANARY, CANARY], [0, 0, 0]],
    ['LOGICAL_UNIT_RESET', [RESET, CANARY, CANARY], [1, 0, 0]],
    ['I_T_NEXUS_RESET', [RESET, RESET, CANARY], [1, 1, 0]],
  ] as const)('%s ends commands with %j', (name, answers, reset) => {
    const { bench, responses, resets } = underWay();
    expect(control(bench, tmf(TMF[name]))).toEqual([COMPLETE]);
    expect([responses(), resets()]).toEqual([answers, reset]);
    expect(bench.broken).toEqual([]);
  });

  test('I_T NEXUS RESET takes any logical unit of the target', () => {
    const { bench, responses } = underWay();
    expect(control(bench, tmf(TMF.I_T_NEXUS_RESET, lunBytes(0, 77)))).toEqual([COMPLETE]);
    expect(responses()).toEqual([RESET, RESET, CANARY]);
  });

  test('QUERY TASK and QUERY TASK SET say whether something is under way', () => {
    const { bench, responses } = underWay();
    expect(control(bench, tmf(TMF.QUERY_TASK, lunBytes(0), 1))).toEqual([SUCCEEDED]);
    expect(control(bench, tmf(TMF.QUERY_TASK, lunBytes(0), 2))).toEqual([COMPLETE]);
    expect(control(bench, tmf(TMF.QUERY_TASK_SET, lunBytes(1)))).toEqual([SUCCEEDED]);
    expect(responses()).toEqual([CANARY, CANARY, CANARY]);
    control(bench, tmf(TMF.ABORT_TASK_SET, lunBytes(1)));
    expect(control(bench, tmf(TMF.QUERY_TASK_SET, lunBytes(1)))).toEqual([COMPLETE]);
  });

  test('CLEAR ACA and what there is not are rejected', () => {
    const { bench } = underWay();
    expect(control(bench, tmf(TMF.CLEAR_ACA))).toEqual([REJECTED]);
    expect(control(bench, tmf(99))).toEqual([REJECTED]);
  });

  test('of a target, or of a unit, that is not there', () => {
    const { bench } = underWay();
    expect(control(bench, tmf(TMF.LOGICAL_UNIT_RESET, lunBytes(5)))).toEqual([BAD_TARGET]);
    expect(control(bench, tmf(TMF.LOGICAL_UNIT_RESET, lunBytes(0, 5)))).toEqual([INCORRECT_LUN]);
    expect(control(bench, tmf(TMF.ABORT_TASK, new Uint8Array(8)))).toEqual([BAD_TARGET]);
  });

  test('a command is ended once, even if its time comes at the same instant', () => {
    const { bench, responses, units } = underWay({ latency: 1_000_000 });
    control(bench, tmf(TMF.ABORT_TASK, lunBytes(0), 1));
    bench.machine.platform.clock.delay(2_000_000);
    expect([responses(), units[0].commands]).toEqual([[ABORTED, 0, 0], []]);
    expect(bench.usedIndex(REQUESTS)).toBe(3);
  });

  test('without anything under way is answered within the notification', () => {
    const { bench, unit } = start();
    const before = unit.resets;
    bench.offer([tmf(TMF.LOGICAL_UNIT_RESET), 1], CONTROL, ASIDE);
    expect([bench.usedIndex(CONTROL), bench.bytes(ASIDE + 1, 1)[0]]).toEqual([1, COMPLETE]);
    expect([unit.resets - before, bench.used(CONTROL).length]).toEqual([1, 1]);
  });

  test('can be made to fail, without effect', () => {
    const { bench, responses } = underWay({ taskManagement: 'FUNCTION_REJECTED' });
    expect(control(bench, tmf(TMF.ABORT_TASK, lunBytes(0), 1))).toEqual([REJECTED]);
    expect(responses()).toEqual([CANARY, CANARY, CANARY]);
  });

  test('can be made to be never answered', () => {
    const { bench } = underWay({
      taskManagement: ({ subtype }) => (subtype === TMF.ABORT_TASK ? 'never' : undefined),
    });
    bench.offer([tmf(TMF.ABORT_TASK, lunBytes(0), 1), 1], CONTROL, ASIDE);
    bench.machine.platform.clock.delay(1_000_000);
    expect(bench.usedIndex(CONTROL)).toBe(0);
    bench.offer([tmf(TMF.LOGICAL_UNIT_RESET), 1], CONTROL, ASIDE + 2);
    bench.machine.platform.clock.delay(10);
    expect(bench.usedIndex(CONTROL)).toBe(1);
  });
});

describe('a control request', () => {
  test('of another type fails, and is reported', () => {
    const { bench } = start();
    const bytes = Uint8Array.of(9, 0, 0, 0);
    expect([control(bench, bytes, 1), control(bench, bytes, 3)]).toEqual([
      [9],
      [CANARY, CANARY, 9],
    ]);
    expect(bench.broken).toEqual(Array(2).fill('virtio-1.4 5.6.6.2'));
  });

  test.each([
    ['no room for an answer', [tmf(0)]],
    ['half a task management function', [tmf(0).subarray(0, 23), 1]],
    ['half a query', [Uint8Array.of(1, 0, 0, 0, 1, 0, 0x40), 5]],
    ['room for half an answer to a query', [Uint8Array.of(1, ...Array<number>(15).fill(0)), 4]],
  ])('with %s cannot be answered: the device needs a reset', (_name, pieces) => {
    const { bench } = start();
    bench.offer(pieces, CONTROL);
    expect([bench.status, bench.usedIndex(CONTROL)]).toEqual([0x4f, 0]);
    expect(bench.broken).toEqual(['virtio-1.4 5.6.6.2']);
  });
});

test('tracing shows task management, in QEMU’s words', () => {
  const events: [string, unknown][] = [];
  const model = new VirtioScsi({ units: [{ target: 2, lun: 1, unit: new TestUnit() }] });
  const bench = new TestMachine(model, {
    name: 'scsi0',
    trace: (name, fields) => events.push([name, fields]),
  });
  bench.start();
  control(bench, tmf(TMF.QUERY_TASK, lunBytes(2, 1), 77));
  const where = { device: 'scsi0', target: 2, lun: 1, tag: 77 };
  expect(events.filter(([name]) => name.startsWith('virtio_scsi'))).toEqual([
    ['virtio_scsi_tmf_req', { ...where, subtype: TMF.QUERY_TASK }],
    ['virtio_scsi_tmf_resp', { ...where, response: COMPLETE }],
  ]);
});
