import { describe, expect, test } from 'vitest';
import { jsonLinesSink } from './json-lines-sink.ts';
import { textSink } from './text-sink.ts';
import type { TraceSink } from './trace-sink.ts';

function written(create: (write: (text: string) => void) => TraceSink): string {
  let output = '';
  const sink = create((text) => (output += text));
  sink.record(20, 'lab_note', { text: 'two words' });
  sink.record(1_500_000_040, 'virtio_queue_notify', {
    device: 'blk0',
    queue: 0,
    address: 0xfe00_0000,
    features: 0x1_0000_0000n,
    bytes: Uint8Array.of(0x55, 0xaa),
    ready: true,
  });
  sink.end();
  return output;
}

describe('the text sink', () => {
  test('writes one line per event: seconds, name, then keys and values', () => {
    expect(written(textSink)).toBe(
      '0.000000020 lab_note text "two words"\n' +
        '1.500000040 virtio_queue_notify device blk0 queue 0 address 0xfe000000' +
        ' features 0x100000000 bytes 55aa ready true\n',
    );
  });

  test('keeps an event on its line, whatever a string holds', () => {
    let output = '';
    textSink((text) => (output += text)).record(0, 'debug', { message: 'a\nb\u001b[2J"' });
    expect(output).toBe('0.000000000 debug message "a\\nb\\u001b[2J\\""\n');
  });

  test('shows the beginning of long bytes', () => {
    let output = '';
    textSink((text) => (output += text)).record(0, 'x', { bytes: new Uint8Array(512) });
    expect(output).toContain(`bytes "${'00'.repeat(32)}…(512 bytes)"`);
  });

  test('shows what has no JSON', () => {
    let output = '';
    textSink((text) => (output += text)).record(0, 'x', { none: undefined, minus: -1, half: 0.5 });
    expect(output).toBe('0.000000000 x none undefined minus -1 half 0.5\n');
  });
});

describe('the JSON lines sink', () => {
  test('writes one object per event', () => {
    const lines = written(jsonLinesSink).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { time: 20, name: 'lab_note', fields: { text: 'two words' } },
      {
        time: 1_500_000_040,
        name: 'virtio_queue_notify',
        fields: {
          device: 'blk0',
          queue: 0,
          address: 0xfe00_0000,
          features: '0x100000000',
          bytes: '55aa',
          ready: true,
        },
      },
    ]);
  });
});
