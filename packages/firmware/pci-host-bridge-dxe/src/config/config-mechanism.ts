/** How configuration space is reached. Arguments have been checked; accesses are aligned. */
export interface ConfigMechanism {
  /** In bytes, of one function: 256, or 4096 with PCI Express's extended space. */
  readonly size: number;
  /** @param size 1, 2 or 4 bytes */
  read(size: number, target: ConfigTarget): number;
  write(size: number, target: ConfigTarget, value: number): void;
}

/** One register of one function. */
export interface ConfigTarget {
  readonly bus: number;
  readonly device: number;
  readonly function: number;
  readonly register: number;
}
