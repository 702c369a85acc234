/** The registers that a version of the MMIO transport has of its own: most of them about the selected queue. */
export interface QueueRegisters {
  /** Which queue the driver has selected. */
  select(queueIndex: number): void;
  /** @returns `undefined` if there is nothing to be read */
  read(offset: number): number | undefined;
  /** @returns false if there is nothing to be written */
  write(offset: number, value: number): boolean;
}
