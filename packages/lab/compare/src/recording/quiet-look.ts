import type { Cycles } from '@dxelab/platform';

/**
 * Looks at a machine without its noticing: no time passes, no access is counted, nothing becomes due.
 * So a recorded boot is the same boot.
 * @returns what `look` returned; `undefined` if the world is dead, where nothing is to be seen
 */
export function quietLook<Result>(cycles: Cycles, look: () => Result): Result | undefined {
  const { now, accesses, due } = cycles;
  if (due === -Infinity) return undefined;
  cycles.due = Infinity;
  try {
    return look();
  } finally {
    cycles.now = now;
    cycles.accesses = accesses;
    cycles.due = due;
  }
}
