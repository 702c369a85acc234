import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { partKey } from '../ring-part.ts';
import { INDIRECT, oneRead, RingBench } from '../ring-bench.fixture.ts';
import { replay } from '../snapshot/replay.ts';
import { QueueRecorder } from './queue-recorder.ts';

const kinds = ({ recorder }: RingBench): readonly string[] =>
  recorder.frames.map((frame) =>
    frame.kind === 'driver' ? frame.parts.map(partKey).join('+') : frame.kind,
  );

describe('a recording', () => {
  test('has a frame for each part that is written, however many accesses it takes', () => {
    expect(kinds(oneRead())).toEqual([
      'set-up',
      'descriptor 0',
      'descriptor 1',
      'descriptor 2',
      'available-entry 0',
      'available-index',
      'notify',
      'device',
    ]);
  });

  test('has a frame for what is written once more as it was', () => {
    const bench = new RingBench()
      .descriptor(1, 8, 8, 0)
      .descriptor(2, 8, 8, 0)
      .descriptor(1, 8, 8, 0);
    expect(kinds(bench.notify())).toEqual([
      'set-up',
      'descriptor 1',
      'descriptor 2',
      'descriptor 1',
      'notify',
    ]);
  });

  test('knows nothing of a device that has written nothing, however often the driver looks', () => {
    expect(kinds(new RingBench().look().look())).toEqual(['set-up']);
  });

  test('has one frame for what the driver writes at once', () => {
    const bench = new RingBench();
    bench.recorder.written(bench.place.descriptors, 32);
    expect(kinds(bench.notify())).toEqual(['set-up', 'descriptor 0+descriptor 1', 'notify']);
  });

  test('keeps an indirect table as it was when it was made available (virtio §2.7.5.3)', () => {
    const bench = new RingBench().descriptor(0, 0x8000, 32, INDIRECT);
    bench.ram.writeUint32(0x8008, 77);
    bench.available(1, 0).notify();
    bench.ram.writeUint32(0x8008, 99);
    const frames = bench.recorder.frames.flatMap((frame) =>
      frame.kind === 'driver' && frame.tables.length > 0 ? frame.tables : [],
    );
    expect(frames.map(({ descriptor, bytes }) => [descriptor, bytes[8]])).toContainEqual([0, 77]);
  });

  test('ends when the queue is taken back, and goes on when it is set up again', () => {
    const bench = oneRead();
    bench.recorder.takenBack();
    bench.notify();
    bench.recorder.setUp(bench.place);
    expect(kinds(bench).slice(-2)).toEqual(['taken-back', 'set-up']);
  });

  test('of a queue where no RAM is, is one of zeros', () => {
    const { ram, place } = new RingBench();
    const recorder = new QueueRecorder('virtio-blk 02.0', 0, ram, () => 0);
    recorder.setUp({ ...place, device: 0x8000_0000 });
    recorder.looked(0x8000_0002, 2);
    expect(recorder.frames).toHaveLength(1);
  });

  test('replayed, is at each frame what RAM was at that moment', () => {
    const write = fc.record({ at: fc.nat(0x50), value: fc.nat(0xffff), driver: fc.boolean() });
    fc.assert(
      fc.property(fc.array(write, { maxLength: 40 }), (writes) => {
        const bench = new RingBench();
        for (const { at, value, driver } of writes) {
          if (driver) bench.driver16(0x3000 + (at % 14), value);
          else bench.ram.writeUint16(0x4000 + (at % 38), value);
        }
        bench.look();
        const last = [...replay(bench.recorder.frames)].at(-1)?.snapshot();
        const index = last?.format === 'split' ? [last.available.index, last.used.index] : [];
        expect(index).toEqual([bench.ram.readUint16(0x3002), bench.ram.readUint16(0x4002)]);
      }),
    );
  });
});
