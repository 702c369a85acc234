import * as z from 'zod';
import { didYouMean } from '../source/did-you-mean.ts';

/**
 * A mapping that takes these keys and no others.
 * @param expected how messages describe it: `a machine: { memory, devices }`
 */
export function mapping<Shape extends z.core.$ZodLooseShape>(
  expected: string,
  shape: Shape,
): z.ZodObject<z.core.util.Writeable<Shape>, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys, known) : `expected ${expected}`,
  });
}

/** One line for each key, in their order: each is shown at its own place. */
function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  return keys
    .map((key) => {
      const meant = didYouMean(key, known);
      const all = meant === '' ? `; known are ${known.join(', ')}` : meant;
      return `unknown key ${JSON.stringify(key)}${all}`;
    })
    .join('\n');
}

/**
 * One of several mappings, each known by a key that only it has.
 * @param what how messages call it: `a device`
 */
export function oneOf<const Branches extends readonly z.core.SomeType[]>(
  what: string,
  keys: readonly string[],
  branches: Branches,
): z.ZodUnion<Branches> {
  return z.union(branches, {
    error: ({ input }) => {
      const given = typeof input === 'object' && input !== null ? Object.keys(input) : [];
      const meant = given.map((key) => didYouMean(key, keys)).find((hint) => hint !== '') ?? '';
      return `expected ${what}, known by its key ${keys.join(', ')}${meant}`;
    },
  });
}
