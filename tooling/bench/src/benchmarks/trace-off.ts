import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Measurement } from '../figure.ts';
import { compare } from '../measure.ts';
import { readLoop } from '../read-loop.ts';
import { copyWithoutHooks } from '../without-hooks.ts';

/** `read-512` with the trace's hooks built in but off, in turn with a build that has none. */
export async function measure(): Promise<Measurement> {
  const copy = copyWithoutHooks();
  try {
    const url = pathToFileURL(join(copy, 'tooling/bench/dist/read-loop.js')).href;
    const hookless: { readonly readLoop: typeof readLoop } = await import(url);
    const { rate, baseline, ratio } = compare(readLoop(), hookless.readLoop());
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
