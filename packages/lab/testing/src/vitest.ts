import { expect } from 'vitest';
import type { EfiErrorStatus } from '@dxelab/uefi';
import { matchers } from './matchers.ts';

declare module 'vitest' {
  // Vitest declares it with this parameter, and merging asks for the same.
  // oxlint-disable-next-line typescript/no-explicit-any
  interface Matchers<T = any> {
    /** Whether the function fails with this status of UEFI Appendix D. */
    toThrowEfi(status: EfiErrorStatus): T;
    /** Whether what `lab.disconnect()` returned is nothing. */
    toHaveNoLeaks(): T;
  }
}

expect.extend(matchers);

/** Vitest's `expect`, which now knows the matchers of this package, wherever it is imported from. */
export { expect };
