import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chromeSink } from './chrome-sink.ts';

interface ChromeEvent {
  readonly name: string;
  readonly ph: string;
  readonly tid: number;
  readonly ts?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

type Event = readonly [time: number, name: string, fields?: Readonly<Record<string, unknown>>];

function chromeText(events: readonly Event[], end = true): string {
  let output = '';
  const sink = chromeSink((text) => (output += text), { title: 'a test' });
  for (const [time, name, fields] of events) sink.record(time, name, fields ?? {});
  if (end) sink.end();
  return output;
}

function chrome(events: readonly Event[]): readonly ChromeEvent[] {
  const parsed: readonly ChromeEvent[] = JSON.parse(chromeText(events));
  return parsed.filter(({ ph }) => ph !== 'M');
}

describe('the Chrome sink (Trace Event Format)', () => {
  test('names the process and its threads', () => {
    const parsed: readonly ChromeEvent[] = JSON.parse(chromeText([]));
    expect(parsed.map(({ name, tid, args }) => [name, tid, args])).toEqual([
      ['process_name', 1, { name: 'a test' }],
      ['thread_name', 1, { name: 'cpu' }],
      ['thread_name', 2, { name: 'devices' }],
    ]);
  });

  test('makes a slice of a beginning and its end, titled by its subject', () => {
    expect(
      chrome([
        [1000, 'driver_start_begin', { driver: 'VirtioBlkDxe', controller: 7 }],
        [2020, 'driver_start_end', { status: 'EFI_SUCCESS' }],
      ]),
    ).toEqual([
      {
        ph: 'B',
        pid: 1,
        tid: 1,
        name: 'driver_start VirtioBlkDxe',
        ts: 1,
        args: { driver: 'VirtioBlkDxe', controller: 7 },
      },
      {
        ph: 'E',
        pid: 1,
        tid: 1,
        name: 'driver_start VirtioBlkDxe',
        ts: 2.02,
        args: { status: 'EFI_SUCCESS' },
      },
    ]);
  });

  test('makes instants of the rest, devices on a thread of their own', () => {
    const [note, notify] = chrome([
      [20, 'lab_note', { text: 'hi' }],
      [40, 'virtio_queue_notify', { queue: 0 }],
    ]);
    expect(note).toMatchObject({ ph: 'i', s: 't', tid: 1, ts: 0.02 });
    expect(notify).toMatchObject({ ph: 'i', s: 't', tid: 2, ts: 0.04 });
  });

  test('ends what an exception left open with what stood around it', () => {
    const phases = chrome([
      [1, 'start_image_begin'],
      [2, 'driver_start_begin'],
      [3, 'start_image_end'],
    ]).map(({ ph, name, ts }) => [ph, name, ts]);
    expect(phases).toEqual([
      ['B', 'start_image', 0.001],
      ['B', 'driver_start', 0.002],
      ['E', 'driver_start', 0.003],
      ['E', 'start_image', 0.003],
    ]);
  });

  test('takes an end without a beginning as an instant', () => {
    expect(chrome([[1, 'start_image_end']]).map(({ ph }) => ph)).toEqual(['i']);
  });

  test('can be opened when the run was killed', () => {
    const text = chromeText([[1, 'start_image_begin']], false);
    expect(JSON.parse(`${text}]`)).toHaveLength(4);
  });

  test('every beginning has its end, in order, whatever comes', () => {
    const name = fc.constantFrom('a_begin', 'a_end', 'b_begin', 'b_end', 'lab_note');
    fc.assert(
      fc.property(fc.array(name), (names) => {
        const open: string[] = [];
        const events = names.map((each, time): Event => [time, each, { driver: `D${time % 2}` }]);
        for (const { ph, name: slice } of chrome(events)) {
          if (ph === 'B') open.push(slice);
          else if (ph === 'E' && open.at(-1) === slice) open.pop();
          else if (ph === 'E') open.push(`unmatched end of ${slice}`);
        }
        expect(open).toEqual([]);
      }),
    );
  });
});
