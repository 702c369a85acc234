import { existsSync, readFileSync, statSync } from 'node:fs';

const BUNDLE = new URL('../bundle/', import.meta.url);
/** What a bundle was made of, with the times of these files; what is published has none. */
const MADE_OF = new URL('made-of.json', BUNDLE);

/** Whether there is a bundle that is as new as what it was made of. */
export function isBundleFresh() {
  if (!existsSync(MADE_OF)) return existsSync(new URL('main.js', BUNDLE));
  const madeOf = Object.entries(JSON.parse(readFileSync(MADE_OF, 'utf8')));
  return madeOf.every(([file, time]) => timeOf(new URL(file, BUNDLE)) === time);
}

/** @param {string | URL} file */
export function timeOf(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
