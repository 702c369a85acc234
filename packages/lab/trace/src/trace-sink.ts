/** Receives trace events of any name, in the order in which they happen. */
export interface TraceSink {
  /**
   * @param time virtual time, in nanoseconds since power-on
   * @param fields plain data, as `TraceEvents` declares it for this name
   */
  record(time: number, name: string, fields: object): void;
  /** Nothing more will come: completes the output. Called once. */
  end(): void;
}
