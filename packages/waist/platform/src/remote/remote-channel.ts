import { Cycles } from '../cycles.ts';
import { PlatformFault } from '../platform-fault.ts';
import { TerminalSignal } from '../terminal-signal.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { REPLY_ENDED, REPLY_FAULT, REQUEST } from './wire.ts';

/** Carries a request to the machine and brings its reply; synchronous, as all below `boot()`. */
export type Transport = (request: Uint8Array) => Uint8Array;

/** Accesses cost their time where the machine is; only what is spent here must be told to it. */
class RemoteCycles extends Cycles {
  readonly #spend: (nanoseconds: number) => void;

  constructor(spend: (nanoseconds: number) => void) {
    super(() => {});
    this.#spend = spend;
  }

  override access(): void {}

  override spend(nanoseconds: number): void {
    this.#spend(nanoseconds);
  }
}

/** The firmware's end of the wire: one request, one reply, and what a reply brings besides its answer. */
export class RemoteChannel {
  /** The machine's time and count of accesses, as of the last reply. */
  readonly cycles: Cycles = new RemoteCycles((nanoseconds) => {
    this.call(this.request(REQUEST.spend).float64(nanoseconds));
  });
  /** Called for the alarm interrupt. */
  handler: (() => void) | undefined;
  readonly #transport: Transport;
  #ended: TerminalSignal | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Begins a request. */
  request(code: number): ByteWriter {
    return new ByteWriter().uint8(code);
  }

  /** Sends a request and returns its answer; the interrupt handler may run before it returns. */
  call(request: ByteWriter): ByteReader {
    if (this.#ended !== undefined) throw this.#ended;
    const reply = new ByteReader(this.#transport(request.finish()));
    const kind = reply.uint8();
    this.cycles.now = reply.float64();
    this.cycles.accesses = reply.float64();
    if (kind === REPLY_ENDED) throw this.#end(reply.text());
    if (kind === REPLY_FAULT) throw new PlatformFault(reply.text());
    if (reply.uint8() !== 0) this.#interrupt();
    return reply;
  }

  #interrupt(): void {
    this.handler?.();
    this.call(this.request(REQUEST.interruptReturn));
  }

  /** Keeps the signal: every later access raises the same one. */
  #end(json: string): TerminalSignal {
    // What `servePlatform` wrote: the fields of a TerminalSignal.
    const signal: TerminalSignal = JSON.parse(json);
    this.#ended = new TerminalSignal(signal.kind, signal.message, signal.details);
    return this.#ended;
  }
}
