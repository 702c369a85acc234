import type { Device, MachineBus } from '../machine-bus.ts';
import { Region } from '../region.ts';
import type { AccessWidth, RegionHandler } from '../region.ts';

/** The first serial port of a PC. */
const COM1 = 0x3f8;

/** Registers (PC16550D data sheet, table II); 0 and 1 are the divisor latch while DLAB is set. */
const THR = 0;
const IER = 1;
const IIR = 2;
const LCR = 3;
const LSR = 5;
const MSR = 6;
const REGISTERS = 8;

const LCR_DLAB = 0x80;
const FCR_ENABLE = 0x01;
const IIR_NO_INTERRUPT = 0x01;
const IIR_FIFOS_ENABLED = 0xc0;
/** Transmitter empty, and its holding register too: what is sent has left at once. */
const LSR_IDLE = 0x60;
/** Carrier, data set ready, clear to send: a terminal is connected. */
const MSR_CONNECTED = 0xb0;

/** A 16550 UART that sends into a sink. It receives nothing, and raises no interrupt. */
export class Uart16550 implements Device, RegionHandler {
  readonly name = 'uart-16550';
  readonly #send: (byte: number) => void;
  readonly #base: number;
  readonly #registers = new Uint8Array(REGISTERS);
  readonly #divisor = new Uint8Array(2);
  #fifosEnabled = false;

  /** @param base its first port */
  constructor(send: (byte: number) => void, base: number = COM1) {
    this.#send = send;
    this.#base = base;
  }

  attach(bus: MachineBus): void {
    bus.ports.add(new Region(this.name, this.#base, REGISTERS, this));
  }

  /** Registers are bytes: a wider access reaches the first one only. */
  read(offset: number, _width: AccessWidth): number {
    if (offset <= IER && this.#latchesDivisor) return this.#divisor[offset] ?? 0;
    switch (offset) {
      case THR:
        return 0;
      case IIR:
        return IIR_NO_INTERRUPT | (this.#fifosEnabled ? IIR_FIFOS_ENABLED : 0);
      case LSR:
        return LSR_IDLE;
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
    else if (offset === IIR) this.#fifosEnabled = (byte & FCR_ENABLE) !== 0;
    else this.#registers[offset] = byte;
  }

  get #latchesDivisor(): boolean {
    return ((this.#registers[LCR] ?? 0) & LCR_DLAB) !== 0;
  }
}
