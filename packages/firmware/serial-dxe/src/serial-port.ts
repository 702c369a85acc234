import type { AddressSpace } from '@dxelab/platform';
import {
  EFI_SERIAL_CARRIER_DETECT,
  EFI_SERIAL_CLEAR_TO_SEND,
  EFI_SERIAL_DATA_SET_READY,
  EFI_SERIAL_DATA_TERMINAL_READY,
  EFI_SERIAL_INPUT_BUFFER_EMPTY,
  EFI_SERIAL_OUTPUT_BUFFER_EMPTY,
  EFI_SERIAL_REQUEST_TO_SEND,
  EFI_SERIAL_RING_INDICATE,
} from '@dxelab/uefi';

/** COM1, and the registers of a 16550 (PC16550D data sheet, table II). */
const COM1 = 0x3f8;
const TRANSMIT = 0;
const RECEIVE = 0;
const DIVISOR_LOW = 0;
const DIVISOR_HIGH = 1;
const FIFO_CONTROL = 2;
const LINE_CONTROL = 3;
const MODEM_CONTROL = 4;
const LINE_STATUS = 5;
const MODEM_STATUS = 6;

const LINE_DIVISOR_LATCH = 0x80;
const FIFO_ENABLE_AND_CLEAR = 0x07;
const DATA_READY = 0x01;
const TRANSMIT_HOLDING_EMPTY = 0x20;
/** What reads where nothing answers. */
const NO_PORT = 0xff;
/** Looks at the line status before the port counts as broken. */
const PATIENCE = 100_000;

/** Bits of MODEM_STATUS, as control bits. */
const MODEM_INPUTS: readonly (readonly [number, number])[] = [
  [0x10, EFI_SERIAL_CLEAR_TO_SEND],
  [0x20, EFI_SERIAL_DATA_SET_READY],
  [0x40, EFI_SERIAL_RING_INDICATE],
  [0x80, EFI_SERIAL_CARRIER_DETECT],
];
/** Bits of MODEM_CONTROL, as control bits. */
const MODEM_OUTPUTS: readonly (readonly [number, number])[] = [
  [0x01, EFI_SERIAL_DATA_TERMINAL_READY],
  [0x02, EFI_SERIAL_REQUEST_TO_SEND],
];

/** The serial port of a PC: MdeModulePkg/Library/BaseSerialPortLib16550. */
export class SerialPort {
  readonly #ports: AddressSpace;

  constructor(ports: AddressSpace) {
    this.#ports = ports;
  }

  /**
   * Sets the line, and empties both FIFOs.
   * @param divisor of 115200 baud
   * @param lineControl word length, parity and stop bits, as the register has them
   */
  initialize(divisor: number, lineControl: number): void {
    this.#write(LINE_CONTROL, LINE_DIVISOR_LATCH | lineControl);
    this.#write(DIVISOR_LOW, divisor & 0xff);
    this.#write(DIVISOR_HIGH, divisor >> 8);
    this.#write(LINE_CONTROL, lineControl);
    this.#write(FIFO_CONTROL, FIFO_ENABLE_AND_CLEAR);
  }

  /** The next byte that has come; `undefined` if there is none. */
  read(): number | undefined {
    return this.#hasReceived() ? this.#read(RECEIVE) : undefined;
  }

  /** @returns whether the port has taken it, after a bounded time */
  write(byte: number): boolean {
    for (let look = 0; look < PATIENCE; look++) {
      if ((this.#read(LINE_STATUS) & TRANSMIT_HOLDING_EMPTY) === 0) continue;
      this.#write(TRANSMIT, byte);
      return true;
    }
    return false;
  }

  /** EFI_SERIAL_* of the lines and of the buffers. */
  getControl(): number {
    const line = this.#read(LINE_STATUS);
    const isEmpty = (line & DATA_READY) === 0 || line === NO_PORT;
    const hasSent = (line & TRANSMIT_HOLDING_EMPTY) !== 0;
    return (
      translate(this.#read(MODEM_STATUS), MODEM_INPUTS) |
      translate(this.#read(MODEM_CONTROL), MODEM_OUTPUTS) |
      (isEmpty ? EFI_SERIAL_INPUT_BUFFER_EMPTY : 0) |
      (hasSent ? EFI_SERIAL_OUTPUT_BUFFER_EMPTY : 0)
    );
  }

  /** @param control of EFI_SERIAL_*, those of the outgoing lines count */
  setControl(control: number): void {
    const outputs = MODEM_OUTPUTS.filter(([, bit]) => (control & bit) !== 0);
    const before = this.#read(MODEM_CONTROL) & ~0x03;
    this.#write(
      MODEM_CONTROL,
      outputs.reduce((bits, [bit]) => bits | bit, before),
    );
  }

  #hasReceived(): boolean {
    const status = this.#read(LINE_STATUS);
    // all-ones: there is no port
    return (status & DATA_READY) !== 0 && status !== NO_PORT;
  }

  #read(register: number): number {
    return this.#ports.read8(COM1 + register);
  }

  #write(register: number, value: number): void {
    this.#ports.write8(COM1 + register, value);
  }
}

function translate(register: number, bits: readonly (readonly [number, number])[]): number {
  return bits.reduce((all, [bit, control]) => ((register & bit) === 0 ? all : all | control), 0);
}
