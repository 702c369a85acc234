/** How much a boot may use before the lab ends it. */
export interface Budget {
  /** In nanoseconds since power-on. */
  readonly virtualTime?: number;
  /** Accesses to the waist since power-on. */
  readonly accesses?: number;
}
