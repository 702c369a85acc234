import { describe, expect, test } from 'vitest';
import { InterruptSink } from './interrupt-sink.ts';

describe('the interrupt sink', () => {
  test('counts messages by source and keeps the last', () => {
    const sink = new InterruptSink();
    sink.message('disk', 0xfee0_0000, 0x41);
    sink.message('disk', 0xfee0_0000, 0x42);
    expect(sink.of('disk')).toMatchObject({ messages: 2, lastData: 0x42 });
    expect(sink.of('net')).toMatchObject({ messages: 0, lastData: undefined });
  });

  test('follows a line, and counts its assertions', () => {
    const sink = new InterruptSink();
    sink.line('disk', 1, true);
    sink.line('disk', 1, true);
    sink.line('disk', 1, false);
    sink.line('disk', 1, true);
    expect(sink.of('disk')).toMatchObject({ assertions: 2, asserted: true });
  });

  test('traces what changes', () => {
    const events: string[] = [];
    const sink = new InterruptSink((name) => events.push(name));
    sink.line('disk', 1, false);
    sink.line('disk', 1, true);
    sink.message('disk', 0xfee0_0000, 1);
    expect(events).toEqual(['interrupt_line', 'interrupt_message']);
  });
});
