/**
 * Time as it passes outside of the machine, for one that a person sits at: a wait of five seconds then takes
 * five seconds. What happens is no longer the same in each run.
 */
export interface RealTime {
  /** In nanoseconds since any moment; it never goes back. */
  now(): number;
  /**
   * Lets the thread sleep, until so much time has passed or somebody has typed something.
   * @param nanoseconds at most; it may be less
   * @returns whether something was typed that nobody was woken up for yet
   */
  sleep(nanoseconds: number): boolean;
  /** Whether whoever sits there has switched the machine off. */
  isSwitchedOff(): boolean;
}
