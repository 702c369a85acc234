import { isTerminalSignal } from '@dxelab/platform';
import { isEfiFailure } from '@dxelab/uefi';

/**
 * The undoing of what has been done so far, last first, in place of C's `goto` ladder. A clean-up that
 * fails with a status never hides the error that caused it; a bug in a clean-up is not swallowed.
 */
export class Unwind {
  readonly #steps: (() => void)[] = [];

  /** Remembers how to undo what was just done. */
  push(undo: () => void): void {
    this.#steps.push(undo);
  }

  /** All went well: forgets everything. */
  release(): void {
    this.#steps.length = 0;
  }

  /** Undoes everything that was not released. */
  run(): void {
    for (let undo = this.#steps.pop(); undo !== undefined; undo = this.#steps.pop()) {
      try {
        undo();
      } catch (caught) {
        if (isTerminalSignal(caught) || !isEfiFailure(caught)) throw caught;
      }
    }
  }
}

/**
 * Runs `body`; if it throws, what it pushed is undone before the error goes on. A bug or the end of
 * the world that a clean-up runs into takes the place of a status, but not of another bug.
 */
export function unwinding<Result>(body: (unwind: Unwind) => Result): Result {
  const unwind = new Unwind();
  try {
    return body(unwind);
  } catch (caught) {
    try {
      unwind.run();
    } catch (worse) {
      throw isEfiFailure(caught) ? worse : caught;
    }
    throw caught;
  }
}
