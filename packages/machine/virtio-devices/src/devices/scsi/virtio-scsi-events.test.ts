import { describe, expect, test } from 'vitest';
import {
  CHANGE,
  command,
  control,
  eventIn,
  EVENTS,
  HOTPLUG,
  leaveBuffer,
  lunBytes,
  request,
  REQUESTS,
  answerIn,
  start,
} from './scsi-driver.fixture.ts';
import { CMD, TestUnit } from './scsi-unit.fixture.ts';

const MISSED = 0x80000000;
const T = { NO_EVENT: 0, TRANSPORT_RESET: 1, ASYNC_NOTIFY: 2, PARAM_CHANGE: 3 };
const HARD = 0;
const RESCAN = 1;
const REMOVED = 2;
const MEDIA_CHANGE = 16;
const NOWHERE = '0000000000000000';
const CAPACITY_HAS_CHANGED = 0x2a09;
const FAILURE = 9;
const RESET = 4;

describe('hot plug (§5.6.6.3)', () => {
  test('a new logical unit can be used, and the driver is told to look again', () => {
    const { bench, model } = start({}, HOTPLUG);
    leaveBuffer(bench, 8);
    const unit = new TestUnit();
    model.plug(7, 300, unit);
    expect(eventIn(bench, 8)).toEqual([T.TRANSPORT_RESET, '0107412c00000000', RESCAN]);
    expect([bench.usedIndex(EVENTS), bench.used(EVENTS)]).toEqual([1, { id: 8, length: 16 }]);
    expect(request(bench, command([CMD.NOTHING], lunBytes(7, 300))).response).toBe(0);
    expect(unit.commands).toEqual([CMD.NOTHING]);
  });

  test('one that is taken away is gone, and so is a target without any', () => {
    const { bench, model, unit } = start({}, HOTPLUG);
    leaveBuffer(bench, 8);
    expect(model.unplug(0, 0)).toBe(unit);
    expect(eventIn(bench, 8)).toEqual([T.TRANSPORT_RESET, '0100000000000000', REMOVED]);
    expect(request(bench, command([CMD.NOTHING])).response).toBe(3);
    expect(model.unplug(0, 0)).toBeUndefined();
    expect(unit.onEvent).toBeUndefined();
  });

  test('commands that are under way there fail (§5.6.6.1.1)', () => {
    const { bench, model, unit } = start({ latency: 50_000 });
    bench.offer([command([CMD.IN, 4]), 108, 4], REQUESTS);
    model.unplug(0, 0);
    bench.machine.platform.clock.delay(100_000);
    expect([answerIn(bench, 1).response, unit.commands]).toEqual([FAILURE, []]);
  });

  test('is not spoken of without VIRTIO_SCSI_F_HOTPLUG (§5.6.6.3.2)', () => {
    const { bench, model } = start({}, CHANGE);
    leaveBuffer(bench, 8);
    model.plug(1, 0, new TestUnit());
    model.unplug(1, 0);
    bench.machine.platform.clock.delay(10);
    expect(bench.usedIndex(EVENTS)).toBe(0);
  });
});

describe('a reset of a logical unit that nobody asked for', () => {
  test('ends its commands, and is told', () => {
    const { bench, model, unit } = start({ latency: 50_000 });
    leaveBuffer(bench, 8);
    bench.offer([command([CMD.IN, 4]), 108, 4], REQUESTS);
    const before = unit.resets;
    model.resetUnit(0, 0);
    expect(eventIn(bench, 8)).toEqual([T.TRANSPORT_RESET, '0100000000000000', HARD]);
    expect([answerIn(bench, 1).response, unit.resets - before]).toEqual([RESET, 1]);
    model.resetUnit(0, 9);
    expect(bench.usedIndex(EVENTS)).toBe(1);
  });
});

describe('a change in a logical unit', () => {
  test('is told with its additional sense code, if VIRTIO_SCSI_F_CHANGE was negotiated', () => {
    const { bench, unit } = start({}, CHANGE);
    leaveBuffer(bench, 8);
    unit.onEvent?.({ code: CAPACITY_HAS_CHANGED });
    expect(eventIn(bench, 8)).toEqual([T.PARAM_CHANGE, '0100000000000000', 0x092a]);
  });

  test('is not told without it, nor ever of a drive (§5.6.6.3.2)', () => {
    const { bench, unit } = start({}, HOTPLUG);
    leaveBuffer(bench, 8);
    unit.onEvent?.({ code: CAPACITY_HAS_CHANGED });
    const drive = new TestUnit(5);
    const other = start({ units: [{ target: 0, lun: 0, unit: drive }] }, CHANGE);
    leaveBuffer(other.bench, 8);
    drive.onEvent?.({ code: 0x2800 });
    for (const { machine } of [bench, other.bench]) machine.platform.clock.delay(10);
    expect([bench.usedIndex(EVENTS), other.bench.usedIndex(EVENTS)]).toEqual([0, 0]);
  });
});

describe('asynchronous notification (§5.6.6.2)', () => {
  const QUERY = 1;
  const SUBSCRIBE = 2;

  function notification(type: number, events: number, lun = lunBytes(0)): Uint8Array {
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, type, true);
    bytes.set(lun, 4);
    view.setUint32(12, events, true);
    return bytes;
  }

  function withDrive() {
    const drive = new TestUnit(5);
    const disk = new TestUnit();
    const { bench } = start({
      units: [
        { target: 0, lun: 0, unit: drive },
        { target: 0, lun: 1, unit: disk },
      ],
    });
    return { bench, drive };
  }

  test('a drive can tell of another medium, and who has subscribed is told', () => {
    const { bench, drive } = withDrive();
    leaveBuffer(bench, 8);
    expect(control(bench, notification(QUERY, 0xff), 5)).toEqual([MEDIA_CHANGE, 0, 0, 0, 0]);
    drive.onEvent?.({ code: 0x2800 });
    expect(control(bench, notification(SUBSCRIBE, MEDIA_CHANGE | 4), 5)).toEqual([16, 0, 0, 0, 0]);
    expect(bench.usedIndex(EVENTS)).toBe(0);
    drive.onEvent?.({ code: 0x2800 });
    expect(eventIn(bench, 8)).toEqual([T.ASYNC_NOTIFY, '0100000000000000', MEDIA_CHANGE]);
  });

  test('ends with a subscription to nothing, and with a reset', () => {
    const { bench, drive } = withDrive();
    control(bench, notification(SUBSCRIBE, MEDIA_CHANGE), 5);
    control(bench, notification(SUBSCRIBE, 0), 5);
    leaveBuffer(bench, 8);
    drive.onEvent?.({ code: 0x2800 });
    control(bench, notification(SUBSCRIBE, MEDIA_CHANGE), 5);
    bench.start();
    leaveBuffer(bench, 8);
    drive.onEvent?.({ code: 0x2800 });
    bench.machine.platform.clock.delay(10);
    expect(bench.usedIndex(EVENTS)).toBe(0);
  });

  test.each([
    ['a disk tells nothing', lunBytes(0, 1), 0],
    ['of a unit that is not there', lunBytes(0, 2), 12],
    ['of a target that is not there', lunBytes(4), 3],
  ])('%s', (_name, lun, response) => {
    const { bench } = withDrive();
    expect(control(bench, notification(QUERY, 0xff, lun), 5)).toEqual([0, 0, 0, 0, response]);
    expect(control(bench, notification(SUBSCRIBE, 0xff, lun), 5)).toEqual([0, 0, 0, 0, response]);
  });
});

describe('the event queue (§5.6.6.3)', () => {
  test('without a buffer events are lost; the next buffer says so at once', () => {
    const { bench, model } = start({}, HOTPLUG);
    model.plug(1, 0, new TestUnit());
    model.unplug(1, 0);
    leaveBuffer(bench, 8);
    expect(eventIn(bench, 8)).toEqual([(T.NO_EVENT | MISSED) >>> 0, NOWHERE, 0]);
    leaveBuffer(bench, 9);
    model.plug(1, 0, new TestUnit());
    expect(eventIn(bench, 9)).toEqual([T.TRANSPORT_RESET, '0101000000000000', RESCAN]);
    expect(bench.broken).toEqual([]);
  });

  test('a buffer that is too short for that does not end it', () => {
    const { bench, model } = start({}, HOTPLUG);
    model.plug(1, 0, new TestUnit());
    leaveBuffer(bench, 8, [3]);
    leaveBuffer(bench, 9);
    expect(eventIn(bench, 9)[0]).toBe((T.NO_EVENT | MISSED) >>> 0);
  });

  test('buffers are used in their order', () => {
    const { bench, model } = start({}, HOTPLUG);
    leaveBuffer(bench, 8);
    leaveBuffer(bench, 9);
    model.plug(1, 0, new TestUnit());
    model.plug(2, 0, new TestUnit());
    expect([eventIn(bench, 8)[1], eventIn(bench, 9)[1]]).toEqual([
      '0101000000000000',
      '0102000000000000',
    ]);
  });

  test('what was lost before a reset is forgotten, and so are buffers', () => {
    const { bench, model } = start({}, HOTPLUG);
    model.plug(1, 0, new TestUnit());
    bench.start(0x1_0000_0002n);
    leaveBuffer(bench, 8);
    bench.machine.platform.clock.delay(10);
    expect(bench.usedIndex(EVENTS)).toBe(0);
    bench.start(0x1_0000_0002n);
    model.plug(2, 0, new TestUnit());
    bench.machine.platform.clock.delay(10);
    expect(bench.usedIndex(EVENTS)).toBe(0);
  });

  test.each([
    ['that is too short is used at once', [15], [15]],
    ['with something to read is used all the same', [Uint8Array.of(1), 16], []],
    ['with nothing to write is given back', [Uint8Array.of(1)], [0]],
  ])('a buffer %s, and reported (§5.6.6.3.1)', (_name, pieces, lengths) => {
    const { bench } = start({}, HOTPLUG);
    leaveBuffer(bench, 8, pieces);
    const used = Array.from({ length: bench.usedIndex(EVENTS) }, () => bench.used(EVENTS).length);
    expect(used).toEqual(lengths);
    expect(bench.broken).toEqual(['virtio-1.4 5.6.6.3.1']);
  });
});
