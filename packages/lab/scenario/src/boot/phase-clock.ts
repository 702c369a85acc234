import type { BootPhase, BootPhaseName } from '../report/boot-report.ts';

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

  get current(): BootPhaseName | undefined {
    return this.#current;
  }

  /** What follows belongs to this phase. */
  enter(name: BootPhaseName): void {
    if (name === this.#current) return;
    this.#settle();
    this.#current = name;
    this.#entered?.(name);
  }

  /** Ends the current phase, and returns all. */
  phases(): readonly BootPhase[] {
    this.#settle();
    return [...this.#spent].map(([name, spent]) => ({ name, ...spent }));
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
