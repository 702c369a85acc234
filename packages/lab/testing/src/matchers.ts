import { isTerminalSignal } from '@dxelab/platform';
import type { EfiErrorStatus } from '@dxelab/uefi';
import { isEfiFailure } from '@dxelab/uefi';
import type { LeakReport } from './inventory.ts';

/** What a matcher of Vitest answers. */
export interface MatcherAnswer {
  readonly pass: boolean;
  /** What to say if that is not what was wanted. */
  readonly message: () => string;
}

/** Whether a call fails with a status: `expect(() => blk.reset()).toThrowEfi('EFI_DEVICE_ERROR')`. */
function toThrowEfi(received: unknown, status: EfiErrorStatus): MatcherAnswer {
  if (typeof received !== 'function') {
    return answer(false, `toThrowEfi takes a function to call, and not ${String(received)}`);
  }
  try {
    received();
  } catch (caught) {
    if (isEfiFailure(caught)) {
      return caught.status === status
        ? answer(true, `expected no ${status}, and it was thrown: ${caught.message}`)
        : answer(false, `expected ${status}, and this was thrown: ${caught.message}`);
    }
    return answer(false, `expected ${status}, and no status was thrown, but ${describe(caught)}`);
  }
  return answer(false, `expected ${status}, and nothing was thrown`);
}

/** Whether drivers left nothing behind: `expect(lab.disconnect()).toHaveNoLeaks()`. */
function toHaveNoLeaks(received: LeakReport): MatcherAnswer {
  const { leaks } = received;
  if (leaks.length === 0) return answer(true, 'expected leaks, and there are none');
  const list = leaks.map(({ what }) => `  ${what}`).join('\n');
  return answer(false, `expected no leaks, and this is left:\n${list}`);
}

/** For `expect.extend`; importing `@dxelab/testing/vitest` does it. */
export const matchers: {
  readonly toThrowEfi: typeof toThrowEfi;
  readonly toHaveNoLeaks: typeof toHaveNoLeaks;
} = { toThrowEfi, toHaveNoLeaks };

function answer(pass: boolean, text: string): MatcherAnswer {
  return { pass, message: () => text };
}

function describe(caught: unknown): string {
  if (isTerminalSignal(caught)) return `the world ended: ${caught.kind}, ${caught.message}`;
  return caught instanceof Error ? (caught.stack ?? caught.message) : String(caught);
}
