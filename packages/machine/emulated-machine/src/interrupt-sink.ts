import type { Tracer } from '@dxelab/platform';

/** What one source has signalled. */
export interface InterruptRecord {
  /** Messages (MSI, MSI-X) that arrived. */
  messages: number;
  /** The data of the last message; `undefined` before the first. */
  lastData: number | undefined;
  /** How often its line (INTx) was asserted. */
  assertions: number;
  /** Whether its line is asserted. */
  asserted: boolean;
}

/**
 * Where interrupts of devices go. UEFI firmware polls its devices, so that they are recorded and
 * traced, and reach no handler.
 */
export class InterruptSink {
  readonly #trace: Tracer | undefined;
  readonly #records = new Map<string, InterruptRecord>();

  constructor(trace?: Tracer) {
    this.#trace = trace;
  }

  /** What `source` has signalled so far. */
  of(source: string): InterruptRecord {
    let record = this.#records.get(source);
    if (record === undefined) {
      record = { messages: 0, lastData: undefined, assertions: 0, asserted: false };
      this.#records.set(source, record);
    }
    return record;
  }

  /** A message arrived: a write of `data` to an address that belongs to the interrupt controller. */
  message(source: string, address: number, data: number): void {
    const record = this.of(source);
    record.messages++;
    record.lastData = data;
    this.#trace?.('interrupt_message', { source, address, data });
  }

  /** A line changed. @param pin 1 for INTA# to 4 for INTD# */
  line(source: string, pin: number, asserted: boolean): void {
    const record = this.of(source);
    if (record.asserted === asserted) return;
    record.asserted = asserted;
    if (asserted) record.assertions++;
    this.#trace?.('interrupt_line', { source, pin, asserted });
  }
}
