import type { Cpu } from '@dxelab/platform';
import type { EfiTpl } from '@dxelab/uefi';
import { isEfiFailure } from '@dxelab/uefi';
import type { DebugLib } from '@dxelab/uefi-lib';
import type { EventRecord } from './event-record.ts';
import type { InterruptNesting } from './interrupt-nesting.ts';
import { NotifyQueue } from './notify-queue.ts';

// The module's own copies: imported constants are slow under vitest, and every readBlocks comes here.
const APPLICATION = 4;
const HIGH_LEVEL = 31;
const EVT_NOTIFY_SIGNAL = 0x200;

/**
 * The task priority level and the notifications that wait for it to fall. Interrupts are disabled
 * exactly at TPL_HIGH_LEVEL. UEFI §7.1; MdeModulePkg/Core/Dxe/Event/Tpl.c.
 */
export class TaskPriority {
  private readonly cpu: Cpu;
  private readonly debug: DebugLib;
  private readonly waiting = new NotifyQueue();
  private readonly nesting: InterruptNesting;
  private readonly handlerRestoresTpl: boolean;
  private level: EfiTpl = APPLICATION;
  /** Whose notification function runs, the innermost. */
  private running: EventRecord | undefined = undefined;

  /** @param handlerRestoresTpl whether the handler of an interrupt ends with RestoreTPL */
  constructor(cpu: Cpu, debug: DebugLib, nesting: InterruptNesting, handlerRestoresTpl: boolean) {
    this.cpu = cpu;
    this.debug = debug;
    this.nesting = nesting;
    this.handlerRestoresTpl = handlerRestoresTpl;
  }

  get current(): EfiTpl {
    return this.level;
  }

  /** Raises the level and returns the old one; to lower it this way fails an ASSERT. */
  raise(newTpl: EfiTpl): EfiTpl {
    const oldTpl = this.level;
    if (newTpl < oldTpl || newTpl > HIGH_LEVEL) this.refuse('RaiseTPL', newTpl);
    if (newTpl === HIGH_LEVEL && oldTpl !== HIGH_LEVEL) this.cpu.setInterruptState(false);
    this.level = newTpl;
    return oldTpl;
  }

  /** Lowers the level, running first what waits above it; to raise it this way fails an ASSERT. */
  restore(newTpl: EfiTpl): void {
    const oldTpl = this.level;
    if (newTpl > oldTpl || newTpl < 0) this.refuse('RestoreTPL', newTpl);
    if (this.waitsAbove(newTpl)) this.dispatchAbove(newTpl);
    this.level = newTpl;
    if (oldTpl === HIGH_LEVEL && newTpl !== HIGH_LEVEL) this.cpu.setInterruptState(true);
  }

  /** Queues a notification; `settle` runs it, if the level allows. */
  queue(record: EventRecord): void {
    this.waiting.add(record);
  }

  /** Forgets a notification. */
  cancel(record: EventRecord): void {
    this.waiting.remove(record);
  }

  /** Runs what waits above the current level, as releasing EDK II's event lock does. */
  settle(): void {
    if (this.waitsAbove(this.level)) this.dispatchAbove(this.level);
  }

  /**
   * Runs an interrupt's work at TPL_HIGH_LEVEL, then the notifications above the level that was
   * interrupted. Interrupts stay disabled at the end: the CPU's return from the interrupt enables
   * them, so that interrupts nest no deeper than there are levels (OvmfPkg/Library/NestedInterruptTplLib).
   * A handler that ends with RestoreTPL enables them itself, and what waits comes before it has returned.
   */
  interrupt(work: () => void): void {
    const interrupted = this.level;
    const { running } = this;
    this.nesting.enter(interrupted, running);
    this.level = HIGH_LEVEL;
    this.running = undefined;
    try {
      work();
      this.dispatchAbove(interrupted);
      this.level = interrupted;
      if (this.handlerRestoresTpl) this.cpu.setInterruptState(true);
    } finally {
      this.running = running;
      this.nesting.leave();
    }
  }

  private waitsAbove(tpl: EfiTpl): boolean {
    return (this.waiting.pending >>> tpl) >>> 1 !== 0;
  }

  /** Dispatches the levels above `floor`, highest first, each at its own level. */
  private dispatchAbove(floor: EfiTpl): void {
    const oldTpl = this.level;
    const { running } = this;
    try {
      while (this.waitsAbove(floor)) {
        const tpl = HIGH_LEVEL - Math.clz32(this.waiting.pending);
        this.level = tpl;
        const enabled = this.cpu.setInterruptState(tpl !== HIGH_LEVEL);
        this.dispatch(tpl);
        // Back to what it was: a nested interrupt may only come while a notification runs.
        this.cpu.setInterruptState(enabled);
      }
      this.level = oldTpl;
      this.running = running;
    } catch (caught) {
      // The boot stops here; but who looks on (a test, a shell) finds the level that it asked for.
      this.level = floor;
      this.running = undefined;
      this.cpu.setInterruptState(floor !== HIGH_LEVEL);
      throw caught;
    }
  }

  private dispatch(tpl: EfiTpl): void {
    for (let next = this.waiting.take(tpl); next !== undefined; next = this.waiting.take(tpl)) {
      // Before the call: the function may signal its own event again, or close it.
      if ((next.type & EVT_NOTIFY_SIGNAL) !== 0) next.signalled = false;
      this.running = next;
      try {
        next.notify?.(next);
      } catch (caught) {
        if (!isEfiFailure(caught)) throw caught;
        // Code that was interrupted must not take it for the answer of a service that it called.
        throw new Error(
          `the notification function of event ${next.number} failed with ${caught.status}, ` +
            'but a notification function has nobody to report to',
          { cause: caught },
        );
      }
    }
  }

  private refuse(service: 'RaiseTPL' | 'RestoreTPL', newTpl: EfiTpl): void {
    const direction = service === 'RaiseTPL' ? 'raises' : 'lowers';
    this.debug.assert(
      false,
      `${service} ${direction} the TPL: it is ${this.level}, not to become ${newTpl}`,
    );
  }
}
