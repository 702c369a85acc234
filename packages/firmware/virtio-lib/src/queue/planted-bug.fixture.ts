import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { virtioQueueInit } from './virtio-queue-init.ts';

const SOURCES = [
  'chain-book',
  'need-event',
  'packed-queue',
  'queue-chain',
  'queue-memory',
  'ring-features',
  'split-queue',
  'virtio-queue',
  'virtio-queue-init',
];

/** A mistake in one place of the sources. */
export interface PlantedBug {
  readonly what: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

interface Planted {
  readonly virtioQueueInit: typeof virtioQueueInit;
}

/** Where copies of the sources go: what is built there is never published. */
const PLACE = join(import.meta.dirname, '../../dist/.planted');

/** The library with a mistake in it, as a copy beside the real one. @throws if there is no such place */
export async function plant({ file, from, to }: PlantedBug, number: number): Promise<Planted> {
  const place = join(PLACE, String(number));
  mkdirSync(place, { recursive: true });
  for (const source of SOURCES) {
    cpSync(join(import.meta.dirname, `${source}.ts`), join(place, `${source}.ts`));
    const text = readFileSync(join(place, `${source}.ts`), 'utf8');
    const changed = source === file ? text.replace(from, to) : text;
    if (source === file && changed === text) throw new TypeError(`${file} has no ${from}`);
    const outside = changed.replaceAll("from '../", "from '../../../src/");
    writeFileSync(join(place, `${source}.ts`), outside);
  }
  const path = join(place, 'virtio-queue-init.ts');
  // its path is not known before it is written, and it is a copy of the module of this type
  const planted: Planted = await import(/* @vite-ignore */ path);
  return planted;
}

export function removePlanted(): void {
  rmSync(PLACE, { recursive: true, force: true });
}
