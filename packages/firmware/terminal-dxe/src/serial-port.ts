import type { AddressSpace } from '@dxelab/platform';
import { EfiError } from '@dxelab/uefi';

/** COM1, and the registers of a 16550 (PC Standard). */
const COM1 = 0x3f8;
const TRANSMIT = 0;
const RECEIVE = 0;
const DIVISOR_LOW = 0;
const DIVISOR_HIGH = 1;
const FIFO_CONTROL = 2;
const LINE_CONTROL = 3;
const LINE_STATUS = 5;

const LINE_8N1 = 0x03;
const LINE_DIVISOR_LATCH = 0x80;
const FIFO_ENABLE_AND_CLEAR = 0x07;
const DATA_READY = 0x01;
const TRANSMIT_HOLDING_EMPTY = 0x20;
/** What reads where nothing answers. */
const NO_PORT = 0xff;
/** 115200 baud. */
const DIVISOR = 1;
/** Looks at the line status before the port counts as broken. */
const PATIENCE = 100_000;

/** The serial port under the terminal: MdeModulePkg/Library/BaseSerialPortLib16550. */
export class SerialPort {
  readonly #ports: AddressSpace;

  constructor(ports: AddressSpace) {
    this.#ports = ports;
  }

  /** Sets 115200 baud, 8 data bits, no parity, one stop bit. */
  initialize(): void {
    this.#ports.write8(COM1 + LINE_CONTROL, LINE_DIVISOR_LATCH | LINE_8N1);
    this.#ports.write8(COM1 + DIVISOR_LOW, DIVISOR);
    this.#ports.write8(COM1 + DIVISOR_HIGH, 0);
    this.#ports.write8(COM1 + LINE_CONTROL, LINE_8N1);
    this.#ports.write8(COM1 + FIFO_CONTROL, FIFO_ENABLE_AND_CLEAR);
  }

  /** The next byte that has come; `undefined` if there is none. */
  read(): number | undefined {
    const status = this.#ports.read8(COM1 + LINE_STATUS);
    // all-ones: there is no port
    if ((status & DATA_READY) === 0 || status === NO_PORT) return undefined;
    return this.#ports.read8(COM1 + RECEIVE);
  }

  /** @throws EFI_DEVICE_ERROR if the port never becomes ready */
  write(byte: number): void {
    for (let look = 0; look < PATIENCE; look++) {
      if ((this.#ports.read8(COM1 + LINE_STATUS) & TRANSMIT_HOLDING_EMPTY) === 0) continue;
      this.#ports.write8(COM1 + TRANSMIT, byte);
      return;
    }
    throw new EfiError(
      'EFI_DEVICE_ERROR',
      `the serial port at 0x${COM1.toString(16)} is not ready`,
    );
  }
}
