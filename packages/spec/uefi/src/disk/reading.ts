/**
 * What a structure on a disk says or, if it is broken, what was expected and what was found. That a
 * disk holds no partition table is a normal answer, so that it is no error.
 */
export type Reading<Value> =
  | { readonly value: Value; readonly problem: undefined }
  | { readonly value: undefined; readonly problem: string };

/** What was read is as the specification wants it. */
export function sound<Value>(value: Value): Reading<Value> {
  return { value, problem: undefined };
}

/** @param problem what was expected and what was found */
export function broken(problem: string): Reading<never> {
  return { value: undefined, problem };
}
