import type { Duration } from './units/duration.ts';

/** What ends the handler of the timer interrupt. */
export const TIMER_HANDLERS = ['nested-interrupt-tpl-lib', 'restore-tpl'] as const;

/** How the timer interrupts, and how deep its interrupts may nest. */
export interface InterruptsInput {
  /**
   * How often, whether a timer is due or not. Default: when the first timer is due; in `edk2`, every
   * 10 ms.
   */
  readonly period?: Duration | undefined;
  /** How many come at once, each so many periods, as if a host were late to inject them. Default: 1. */
  readonly burst?: number | undefined;
  /**
   * `nested-interrupt-tpl-lib` (the default): as OVMF's timer, interrupts nest only within notification
   * functions; `restore-tpl`: as timers without that library, also before a handler has returned.
   */
  readonly handler?: (typeof TIMER_HANDLERS)[number] | undefined;
  /** How deep they may nest before that is a finding. Default: as deep as they do. */
  readonly depth?: number | undefined;
}

/** How deep timer interrupts nested: 0 if there was none, 1 if none came within another. */
export interface InterruptDepthInput {
  readonly atLeast?: number | undefined;
  readonly atMost?: number | undefined;
}
