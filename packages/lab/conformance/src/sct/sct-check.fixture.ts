import { expect } from 'vitest';
import type { SctWorld } from './sct-world.fixture.ts';

/** Why a check of the SCT cannot be made here. */
export const REASONS = {
  C: 'only C can ask: it passes a NULL pointer, a buffer that is too small, or a number that the types here do not have',
  skipped: 'the SCT itself leaves it out',
  reset: 'it needs another boot: `bds-dxe/reboots.test.ts`',
  volumes: 'it needs volumes and devices: `dxe-core/src/image`, `conformance/boot`',
} as const;

/** A check in the SCT, made against the services here; it throws if it does not hold. */
export type Check = (world: SctWorld) => void;

/** One check of a black-box test of the UEFI SCT. */
export interface SctCheck {
  readonly service: string;
  /** As the SCT numbers it in its sources; where it does not, conformance or function and the place in it. */
  readonly number: string;
  readonly what: string;
  readonly check: Check | keyof typeof REASONS;
}

/** The checks of one service: number, what is expected, and how it is asked. */
export function checksOf(
  service: string,
  rows: readonly (readonly [string, string, SctCheck['check']])[],
): readonly SctCheck[] {
  return rows.map(([number, what, check]) => ({ service, number, what, check }));
}

/** What came is what was expected. */
export function same<Value>(came: Value, expected: Value): void {
  expect(came).toEqual(expected);
}
