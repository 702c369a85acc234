import * as z from 'zod';
import { NOT_LIVE } from '../source/issue-problems.ts';

/** What marks a part of the schema that only TypeScript can give: it has no place in a JSON Schema. */
const LIVE = 'live';

/** An object or a function that a program puts where a text names a file. */
export function live<Value>(guard: (value: unknown) => value is Value): z.ZodType<Value, Value> {
  return z.custom<Value>(guard, { error: NOT_LIVE }).meta({ [LIVE]: true });
}

/** Whether a piece of a JSON Schema stands for something live. */
export function isLive(schema: object): boolean {
  return LIVE in schema;
}
