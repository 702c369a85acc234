import type { EfiTpl } from '@dxelab/uefi';
import type { DebugLib } from '@dxelab/uefi-lib';
import type { FirmwareFinding } from '../core/firmware-finding.ts';
import type { EventRecord } from './event-record.ts';

/**
 * What ends the handler of the timer interrupt. `nested-interrupt-tpl-lib`: as OVMF's since 2022, it leaves interrupts
 * disabled until it has returned, so that they nest only within notification functions, no deeper than there are levels.
 * `restore-tpl`: as others (PcAtChipsetPkg/HpetTimerDxe), it calls RestoreTPL, which enables interrupts before the handler
 * has returned: those that wait nest one in another.
 */
export type TimerHandler = 'nested-interrupt-tpl-lib' | 'restore-tpl';

/** How the timer interrupts. */
export interface InterruptOptions {
  /** In nanoseconds; without it the alarm is set to the first timer that is due, or to the tick of EDK II. */
  readonly period?: number | undefined;
  /** How many interrupts of that period come at once, each so many periods. Default: 1. */
  readonly burst?: number | undefined;
  /** Default: `nested-interrupt-tpl-lib`. */
  readonly handler?: TimerHandler | undefined;
  /** How deep interrupts may nest before that is a finding. Default: as deep as they do. */
  readonly depth?: number | undefined;
}

/** What timer interrupts there were. */
export interface InterruptCounts {
  readonly taken: number;
  /** How deep they nested; 1 if none came within another. */
  readonly deepest: number;
}

/** OVMF's stack has 128 KiB, of which an interrupt takes more than one: the registers, and a few calls. */
const STACK_DEPTH = 100;

const LEVELS: Readonly<Record<number, string>> = {
  4: 'TPL_APPLICATION',
  8: 'TPL_CALLBACK',
  16: 'TPL_NOTIFY',
};

/** Counts how deep timer interrupts nest. */
export class InterruptNesting implements InterruptCounts {
  taken = 0;
  deepest = 0;
  readonly #debug: DebugLib;
  readonly #allowed: number;
  readonly #onFinding: ((finding: FirmwareFinding) => void) | undefined;
  #depth = 0;

  /** @param onFinding hears, once, of interrupts that nest deeper than `allowed` */
  constructor(
    debug: DebugLib,
    allowed: number = Infinity,
    onFinding?: (finding: FirmwareFinding) => void,
  ) {
    this.#debug = debug;
    this.#allowed = allowed;
    this.#onFinding = onFinding;
  }

  /**
   * The handler begins.
   * @param interrupted whose notification function was interrupted; `undefined` if none was
   */
  enter(tpl: EfiTpl, interrupted: EventRecord | undefined): void {
    this.taken += 1;
    this.#depth += 1;
    if (this.#depth <= this.deepest) return;
    this.deepest = this.#depth;
    if (this.deepest === this.#allowed + 1) this.#report(tpl, interrupted);
    this.#debug.assert(
      this.deepest <= STACK_DEPTH,
      `timer interrupts nest ${this.deepest} deep: the stack is full`,
    );
  }

  /** It ends. */
  leave(): void {
    this.#depth -= 1;
  }

  #report(tpl: EfiTpl, interrupted: EventRecord | undefined): void {
    const image = interrupted?.owner ?? 'DxeCore';
    const where =
      interrupted === undefined
        ? 'before the handler of the last one had returned'
        : `in a notification function of ${image}`;
    this.#onFinding?.({
      rule: 'firmware interrupt-depth',
      image,
      message:
        `timer interrupts nest ${this.#depth} deep, and ${this.#allowed} were allowed: ` +
        `one came at ${LEVELS[tpl] ?? `TPL ${tpl}`}, ${where}`,
      fields: { depth: this.#depth, allowed: this.#allowed, tpl },
    });
  }
}
