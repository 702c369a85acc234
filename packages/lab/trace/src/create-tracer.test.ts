import { describe, expect, test } from 'vitest';
import { createTracer } from './create-tracer.ts';
import { eventFilter } from './event-filter.ts';
import { TraceRecorder } from './trace-recorder.ts';

describe('createTracer', () => {
  test('stamps events with the time', () => {
    const recorder = new TraceRecorder();
    let now = 20;
    const trace = createTracer(recorder, { now: () => now });
    trace('lab_note', { text: 'first' });
    now = 40;
    trace('lab_note', { text: 'second' });
    expect(recorder.names()).toEqual(['lab_note', 'lab_note']);
    expect(recorder.of('lab_note').map(({ time, fields: { text } }) => [time, text])).toEqual([
      [20, 'first'],
      [40, 'second'],
    ]);
  });

  test('leaves out what the filter does not want', () => {
    const recorder = new TraceRecorder();
    const trace = createTracer(recorder, { now: () => 0, filter: eventFilter(['virtio_*']) });
    trace('lab_note', { text: 'unwanted' });
    expect(recorder.records).toEqual([]);
  });
});

describe('eventFilter', () => {
  test.each([
    { patterns: [], name: 'virtio_notify', wanted: true },
    { patterns: ['virtio_*'], name: 'virtio_notify', wanted: true },
    { patterns: ['virtio_*'], name: 'xvirtio_notify', wanted: false },
    { patterns: ['virtio_notify'], name: 'virtio_notify_all', wanted: false },
    { patterns: ['virtio_?otify'], name: 'virtio_notify', wanted: true },
    { patterns: ['*', '-memory_region_*'], name: 'memory_region_ops_read', wanted: false },
    { patterns: ['-memory_region_*'], name: 'virtio_notify', wanted: true },
    { patterns: ['-memory_region_*'], name: 'memory_region_ops_read', wanted: false },
    { patterns: ['-*', 'lab_note'], name: 'lab_note', wanted: true },
    { patterns: ['a.b'], name: 'axb', wanted: false },
  ])('$patterns on $name: $wanted', ({ patterns, name, wanted }) => {
    const filter = eventFilter(patterns);
    expect(filter(name)).toBe(wanted);
    // The second answer comes from what the first one remembered.
    expect(filter(name)).toBe(wanted);
  });
});
