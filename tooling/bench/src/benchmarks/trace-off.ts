import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Measurement } from '../figure.ts';
import type { Comparison } from '../measure.ts';
import { compare } from '../measure.ts';
import { readLoop } from '../read-loop.ts';
import { copyWithoutHooks } from '../without-hooks.ts';

/**
 * `read-512` with the trace's hooks built in but off, in turn with a build that has none.
 * @param run who comes first is a little faster: it is one in even runs, and the other in odd ones
 */
export async function measure(run: number): Promise<Measurement> {
  const copy = copyWithoutHooks();
  try {
    const url = pathToFileURL(join(copy, 'tooling/bench/dist/read-loop.js')).href;
    const hookless: { readonly readLoop: typeof readLoop } = await import(url);
    const hooksFirst = run % 2 === 0;
    const first = hooksFirst ? readLoop() : hookless.readLoop();
    const second = hooksFirst ? hookless.readLoop() : readLoop();
    const compared = compare(first, second);
    const { rate, baseline, ratio } = hooksFirst ? compared : reversed(compared);
    return {
      value: rate,
      unit: 'reads/s',
      ratio,
      notes: [`without hooks: ${Math.round(baseline).toLocaleString('en-US')} reads/s`],
    };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function reversed({ rate, baseline, ratio }: Comparison): Comparison {
  return { rate: baseline, baseline: rate, ratio: 1 / ratio };
}
