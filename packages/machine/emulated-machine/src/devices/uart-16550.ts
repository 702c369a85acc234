import type { Device, MachineBus } from '../machine-bus.ts';
import { Region } from '../region.ts';
import type { AccessWidth, RegionHandler } from '../region.ts';

/** The first serial port of a PC. */
const COM1 = 0x3f8;

/** Registers (PC16550D data sheet, table II); 0 and 1 are the divisor latch while DLAB is set. */
const THR = 0;
const RBR = 0;
const IER = 1;
const IIR = 2;
const LCR = 3;
const LSR = 5;
const MSR = 6;
const REGISTERS = 8;

const LCR_DLAB = 0x80;
const FCR_ENABLE = 0x01;
const FCR_CLEAR_RECEIVER = 0x02;
const IIR_NO_INTERRUPT = 0x01;
const IIR_FIFOS_ENABLED = 0xc0;
const LSR_DATA_READY = 0x01;
/** Transmitter empty, and its holding register too: what is sent has left at once. */
const LSR_IDLE = 0x60;
/** Carrier, data set ready, clear to send: a terminal is connected. */
const MSR_CONNECTED = 0xb0;

/** How many received bytes it keeps. */
const FIFO_DEPTH = 16;

/** Who sends to a serial port while the machine runs. */
export interface SerialLine {
  /** The next byte that has come; `undefined` if there is none. */
  read(): number | undefined;
}

/**
 * A 16550 UART that sends into a sink. What it is to receive waits on the line until the guest looks, so that
 * nothing is lost; it raises no interrupt.
 */
export class Uart16550 implements Device, RegionHandler {
  readonly name = 'uart-16550';
  readonly #send: (byte: number) => void;
  readonly #base: number;
  readonly #far: SerialLine | undefined;
  readonly #registers = new Uint8Array(REGISTERS);
  readonly #divisor = new Uint8Array(2);
  readonly #line: number[] = [];
  readonly #received: number[] = [];
  #fifosEnabled = false;

  /**
   * @param base its first port
   * @param far who sends from the far end, beside what `receive` puts on the line
   */
  constructor(send: (byte: number) => void, base: number = COM1, far?: SerialLine) {
    this.#send = send;
    this.#base = base;
    this.#far = far;
  }

  attach(bus: MachineBus): void {
    bus.ports.add(new Region(this.name, this.#base, REGISTERS, this));
  }

  /** Registers are bytes: a wider access reaches the first one only. */
  read(offset: number, _width: AccessWidth): number {
    if (offset <= IER && this.#latchesDivisor) return this.#divisor[offset] ?? 0;
    switch (offset) {
      case RBR:
        return this.#received.shift() ?? 0;
      case IIR:
        return IIR_NO_INTERRUPT | (this.#fifosEnabled ? IIR_FIFOS_ENABLED : 0);
      case LSR:
        this.#takeFromLine();
        return LSR_IDLE | (this.#received.length > 0 ? LSR_DATA_READY : 0);
      case MSR:
        return MSR_CONNECTED;
      default:
        return this.#registers[offset] ?? 0;
    }
  }

  write(offset: number, _width: AccessWidth, value: number): void {
    const byte = value & 0xff;
    if (offset <= IER && this.#latchesDivisor) this.#divisor[offset] = byte;
    else if (offset === THR) this.#send(byte);
    else if (offset === IIR) this.#control(byte);
    else this.#registers[offset] = byte;
  }

  /** Puts bytes on the line, behind those that wait there. */
  receive(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#line.push(byte & 0xff);
  }

  /** Whether bytes wait to be read, in the port or on the line. */
  get isWaiting(): boolean {
    return this.#received.length + this.#line.length > 0;
  }

  #control(byte: number): void {
    this.#fifosEnabled = (byte & FCR_ENABLE) !== 0;
    if ((byte & FCR_CLEAR_RECEIVER) !== 0) this.#received.length = 0;
  }

  #takeFromLine(): void {
    const depth = this.#fifosEnabled ? FIFO_DEPTH : 1;
    while (this.#received.length < depth) {
      const byte = this.#line.shift() ?? this.#far?.read();
      if (byte === undefined) return;
      this.#received.push(byte);
    }
  }

  get #latchesDivisor(): boolean {
    return ((this.#registers[LCR] ?? 0) & LCR_DLAB) !== 0;
  }
}
