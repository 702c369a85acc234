import type { BootPhase, BootPhaseName } from '../report/boot-report.ts';
import { BOOT_PHASES } from '../report/boot-report.ts';

/** Where the two kinds of time come from. */
export interface Clocks {
  /** In nanoseconds since power-on. */
  virtual(): number;
  /** In milliseconds since any moment. */
  wall(): number;
}

/** Adds up what time goes to which phase of a boot. */
export class PhaseClock {
  readonly #clocks: Clocks;
  readonly #entered: ((name: BootPhaseName) => void) | undefined;
  readonly #spent = new Map<BootPhaseName, { virtualTime: number; wallTime: number }>();
  #current: BootPhaseName | undefined;
  #virtual = 0;
  #wall = 0;

  /** @param entered called when the phase changes */
  constructor(clocks: Clocks, entered?: (name: BootPhaseName) => void) {
    this.#clocks = clocks;
    this.#entered = entered;
  }

  /** What follows belongs to this phase. */
  enter(name: BootPhaseName): void {
    if (name === this.#current) return;
    this.#settle();
    this.#current = name;
    this.#entered?.(name);
  }

  /** All that were entered, the current one up to now. */
  phases(): readonly BootPhase[] {
    this.#settle();
    return BOOT_PHASES.flatMap((name) => {
      const spent = this.#spent.get(name);
      return spent === undefined ? [] : { name, ...spent };
    });
  }

  #settle(): void {
    const [virtual, wall] = [this.#clocks.virtual(), this.#clocks.wall()];
    if (this.#current !== undefined) {
      const before = this.#spent.get(this.#current) ?? { virtualTime: 0, wallTime: 0 };
      this.#spent.set(this.#current, {
        virtualTime: before.virtualTime + virtual - this.#virtual,
        wallTime: before.wallTime + wall - this.#wall,
      });
    }
    this.#virtual = virtual;
    this.#wall = wall;
  }
}
