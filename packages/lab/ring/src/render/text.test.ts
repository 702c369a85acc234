import { describe, expect, test } from 'vitest';
import { AVAIL_1, NEXT, oneRead, RingBench, WRITE } from '../ring-bench.fixture.ts';
import { tellStory } from '../tell-story.ts';
import { ringText } from './text.ts';
import type { RingTextOptions } from './text.ts';

function drawn(bench: RingBench, step?: number, options?: RingTextOptions): string {
  const [picture] = tellStory([bench.recorder], { step }).pictures;
  if (picture === undefined) throw new TypeError('expected a picture');
  return ringText(picture, options);
}

describe('as text', () => {
  test('a split ring has its three parts beside each other', () => {
    expect(drawn(oneRead())).toMatchSnapshot();
  });

  test('what has come back stands in the used ring', () => {
    expect(drawn(oneRead(), 7)).toMatchSnapshot();
  });

  test('a descriptor that was made available several times belongs to several requests', () => {
    const bench = new RingBench({ size: 8 }).descriptor(0, 0x8000, 8, WRITE);
    bench.available(1, 0).available(2, 0).notify();
    expect(drawn(bench)).toMatch(/0x00008000 .* r1 r2 /u);
    bench.available(3, 0).available(4, 0).available(5, 0).notify();
    expect(drawn(bench)).toMatch(/0x00008000 .* r1 … r5 /u);
  });

  test('event fields are shown where they count', () => {
    const bench = new RingBench({ eventIdx: true }).descriptor(0, 8, 8, WRITE).available(1, 0);
    expect(drawn(bench.driver16(0x300c, 1).notify())).toMatch(/used_event 1 .*avail_event 0/);
  });

  test('a packed ring has one table, with the wrap counters where each side goes on', () => {
    const bench = new RingBench({ format: 'packed', size: 5 });
    bench.descriptor(1, 0x9000, 512, WRITE | AVAIL_1, 7).descriptor(0, 0x8000, 16, NEXT | AVAIL_1);
    expect(drawn(bench.notify())).toMatchSnapshot();
  });

  test('tables stand below each other where there is no room', () => {
    const lines = drawn(oneRead(), undefined, { width: 60 }).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(lines.findIndex((line) => line.includes('Used ring'))).toBeGreaterThan(
      lines.findIndex((line) => line.includes('Descriptor table')) + 5,
    );
  });

  test('a style paints what has a meaning, and changes no text', () => {
    const paint = (text: string): string => `<${text}>`;
    const style = { heading: paint, good: paint, warning: paint, faint: paint, name: paint };
    const painted = drawn(oneRead(), undefined, { style });
    expect(painted).toContain('<● in flight request 1>');
    expect(painted.replaceAll(/[<>]/gu, '')).toBe(drawn(oneRead()));
  });
});
