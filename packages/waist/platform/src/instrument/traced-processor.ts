import type { Clock, Cpu } from '../platform.ts';
import type { Tracer } from '../tracer.ts';

/** Clock and CPU that trace what firmware asks of them and leave it to another's. */
export class TracedProcessor implements Clock, Cpu {
  readonly #clock: Clock;
  readonly #cpu: Cpu;
  readonly #trace: Tracer;

  constructor(clock: Clock, cpu: Cpu, trace: Tracer) {
    this.#clock = clock;
    this.#cpu = cpu;
    this.#trace = trace;
  }

  now(): number {
    return this.#clock.now();
  }

  setAlarm(time: number | undefined): void {
    this.#trace('waist_set_alarm', { time });
    this.#clock.setAlarm(time);
  }

  delay(nanoseconds: number): void {
    this.#trace('waist_delay', { nanoseconds });
    this.#clock.delay(nanoseconds);
  }

  setInterruptHandler(handler: (() => void) | undefined): void {
    if (handler === undefined) {
      this.#cpu.setInterruptHandler(undefined);
      return;
    }
    this.#cpu.setInterruptHandler(() => {
      this.#trace('waist_interrupt_enter', {});
      handler();
      this.#trace('waist_interrupt_leave', {});
    });
  }

  setInterruptState(enabled: boolean): boolean {
    this.#trace('waist_interrupt_state', { enabled });
    return this.#cpu.setInterruptState(enabled);
  }

  sleep(): void {
    this.#trace('waist_sleep', {});
    this.#cpu.sleep();
  }

  fence(): void {
    this.#trace('waist_fence', {});
    this.#cpu.fence();
  }
}
