import { describe, expect, test } from 'vitest';
import { AVAIL_1, NEXT, oneRead, RingBench, WRITE } from '../ring-bench.fixture.ts';
import { tellStory } from '../tell-story.ts';
import { ringSvg } from './svg.ts';

function drawn(bench: RingBench, step?: number): string {
  const [picture] = tellStory([bench.recorder], { step }).pictures;
  if (picture === undefined) throw new TypeError('expected a picture');
  return ringSvg(picture);
}

describe('as SVG', () => {
  test('the same picture is the same text', () => {
    expect(drawn(oneRead())).toBe(drawn(oneRead()));
  });

  test('it has a title and a description, for who cannot see it (SVG-AAM)', () => {
    const svg = drawn(oneRead());
    const [, title, desc] = /aria-labelledby="(\S+) (\S+)"/.exec(svg) ?? [];
    expect(svg).toMatch(
      new RegExp(`<title id="${title}">virtio-blk 02.0, queue 0: .*step 6 of 7`, 'u'),
    );
    expect(svg).toMatch(
      new RegExp(`<desc id="${desc}">.*Request 1 is in flight: 16 B to read`, 'u'),
    );
    expect(svg).toContain('role="img"');
  });

  test('it has colours for light and for dark, and no state is told by a colour alone', () => {
    const svg = drawn(oneRead(), 7);
    expect(svg).toContain('@media(prefers-color-scheme:dark)');
    expect(svg.match(/class="check used"/gu)?.length).toBeGreaterThan(4);
  });

  test('arrows lead from the available ring to the head, along the chain, and back from the used ring', () => {
    expect(drawn(oneRead(), 4).match(/class="arrow /gu)).toHaveLength(3);
    expect(drawn(oneRead(), 7).match(/class="arrow /gu)).toHaveLength(4);
  });

  test('what a device is called cannot break out of its text', () => {
    const { recorder } = oneRead();
    const queues = [{ device: '<script>&"', queue: 0, frames: recorder.frames }];
    const [picture] = tellStory(queues).pictures;
    const svg = picture === undefined ? '' : ringSvg(picture);
    expect(svg).toContain('&lt;script&gt;&amp;');
    expect(svg).not.toContain('<script');
  });

  test('every element that is opened is closed', () => {
    const bench = new RingBench({ format: 'packed', size: 5 });
    bench.descriptor(1, 0x9000, 512, WRITE | AVAIL_1, 7).descriptor(0, 0x8000, 16, NEXT | AVAIL_1);
    for (const svg of [drawn(oneRead()), drawn(bench.notify())]) {
      const open: string[] = [];
      for (const [, closing, name = '', self] of svg.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/gu)) {
        // one that closes nothing stays in the list, and spoils it
        if (closing === '/' && open.at(-1) === name) open.pop();
        else if (self !== '/') open.push(`${closing}${name}`);
      }
      expect(open).toEqual([]);
    }
  });
});
