import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PackedVirtqueue, SplitVirtqueue } from '@dxelab/virtio-devices';
import type { virtioQueueInit } from '@dxelab/virtio-lib';
import type { BothSides } from './interleaving.fixture.ts';
import { sidesOf } from './scope.fixture.ts';

/** What is put in the place of something in a source. */
export interface Change {
  readonly from: string;
  readonly to: string;
}

/** A mistake in one place of the sources of one side, or in two places of one of them. */
export interface PlantedBug extends Change {
  readonly what: string;
  readonly file: string;
  readonly also?: Change;
}

const PACKAGES = join(import.meta.dirname, '../../../..');
const SOURCES = [
  join(PACKAGES, 'firmware/virtio-lib'),
  join(PACKAGES, 'machine/virtio-devices'),
] as const;

/** Where copies of the sources go: what is built there is never published. */
const PLACE = 'dist/.small-scope';

/** Both sides with a mistake in one of them, as copies beside the real ones. @throws if there is no such place */
export async function plant(bug: PlantedBug, number: number): Promise<BothSides> {
  let planted = 0;
  for (const source of SOURCES) {
    const place = join(source, PLACE, String(number));
    mkdirSync(place, { recursive: true });
    for (const name of readdirSync(join(source, 'src/queue'))) {
      if (name.includes('.test.') || name.includes('.fixture.')) continue;
      cpSync(join(source, 'src/queue', name), join(place, name));
      const text = readFileSync(join(place, name), 'utf8');
      const wrong = name === `${bug.file}.ts` ? changed(text, bug) : text;
      if (wrong !== text) planted += 1;
      writeFileSync(join(place, name), wrong.replaceAll("from '../", "from '../../../src/"));
    }
  }
  if (planted !== 1) throw new TypeError(`there is no ${bug.file}.ts`);
  const [driver, device] = SOURCES.map((source) => join(source, PLACE, String(number)));
  // their paths are not known before they are written, and they are copies of modules of these types
  const init: { virtioQueueInit: typeof virtioQueueInit } = await import(
    /* @vite-ignore */ `${driver ?? ''}/virtio-queue-init.ts`
  );
  const split: { SplitVirtqueue: typeof SplitVirtqueue } = await import(
    /* @vite-ignore */ `${device ?? ''}/split-virtqueue.ts`
  );
  const packed: { PackedVirtqueue: typeof PackedVirtqueue } = await import(
    /* @vite-ignore */ `${device ?? ''}/packed-virtqueue.ts`
  );
  return sidesOf(init.virtioQueueInit, split.SplitVirtqueue, packed.PackedVirtqueue);
}

/** @throws TypeError if what is to be replaced is not there: then the mistake must be written anew */
function changed(text: string, { file, from, to, also }: PlantedBug): string {
  const places = also === undefined ? [{ from, to }] : [{ from, to }, also];
  let result = text;
  for (const place of places) {
    if (!result.includes(place.from)) throw new TypeError(`${file}.ts has no ${place.from}`);
    result = result.replace(place.from, place.to);
  }
  return result;
}

export function removePlanted(): void {
  for (const source of SOURCES) rmSync(join(source, PLACE), { recursive: true, force: true });
}
