/** Registered, so that two copies of this package in one process recognise each other's signals. */
const TERMINAL_SIGNAL = Symbol.for('@dxelab/platform/TerminalSignal');

/** How a world ended. */
export type TerminalKind =
  | 'reset'
  /** The loader returned after ExitBootServices: there is no firmware left to return to. */
  | 'boot-services-exited'
  /** Control went to machine code that no image runtime can execute. */
  | 'handed-over'
  /** The lab's budget of virtual time or of accesses was spent. */
  | 'budget-spent'
  /** An ASSERT failed. */
  | 'asserted'
  /** Nothing is left that could run: the firmware waits for an interrupt that cannot come. */
  | 'stopped'
  | 'power-loss'
  | 'interrupted';

/**
 * The end of a world: not an error but a signal. After one, every access and service raises the same
 * signal again, so clean-up code has no effect, and catching it revives nothing.
 */
export class TerminalSignal {
  readonly kind: TerminalKind;
  readonly message: string;
  /** What else there is to say about it, for the report. */
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(
    kind: TerminalKind,
    message: string,
    details: Readonly<Record<string, string | number | boolean>> = {},
  ) {
    this.kind = kind;
    this.message = message;
    this.details = details;
    Object.defineProperty(this, TERMINAL_SIGNAL, { value: true });
  }
}

export function isTerminalSignal(caught: unknown): caught is TerminalSignal {
  return typeof caught === 'object' && caught !== null && TERMINAL_SIGNAL in caught;
}
