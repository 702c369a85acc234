import type {
  EfiBootServices,
  EfiSerialAttributes,
  EfiSerialIo,
  EfiSerialIoMode,
} from '@dxelab/uefi';
import {
  EFI_SERIAL_DATA_TERMINAL_READY,
  EFI_SERIAL_HARDWARE_FLOW_CONTROL_ENABLE,
  EFI_SERIAL_INPUT_BUFFER_EMPTY,
  EFI_SERIAL_REQUEST_TO_SEND,
  EfiError,
} from '@dxelab/uefi';
import { checkSettings, DEFAULT_SETTINGS, divisorOf, lineControlOf } from './line-settings.ts';
import type { SerialPort } from './serial-port.ts';

const SETTABLE = EFI_SERIAL_DATA_TERMINAL_READY | EFI_SERIAL_REQUEST_TO_SEND;
/** Between two looks for a byte that is awaited, in microseconds. */
const LOOK_PERIOD = 10;

/** EFI_SERIAL_IO_PROTOCOL on the serial port (UEFI §12.8; MdeModulePkg/Universal/SerialDxe/SerialIo.c). */
export class SerialIo implements EfiSerialIo {
  readonly #bs: Pick<EfiBootServices, 'stall'>;
  readonly #port: SerialPort;
  readonly #settingsChanged: (settings: EfiSerialAttributes) => void;
  #settings = DEFAULT_SETTINGS;

  /** @param settingsChanged called after SetAttributes has changed the line: its device path says it, too */
  constructor(
    bs: Pick<EfiBootServices, 'stall'>,
    port: SerialPort,
    settingsChanged: (settings: EfiSerialAttributes) => void,
  ) {
    this.#bs = bs;
    this.#port = port;
    this.#settingsChanged = settingsChanged;
  }

  get mode(): EfiSerialIoMode {
    const controlMask = SETTABLE | EFI_SERIAL_INPUT_BUFFER_EMPTY;
    return { ...this.#settings, controlMask };
  }

  /** The line stays as it is set; what waits in the FIFOs is lost. */
  reset(): void {
    this.#port.initialize(divisorOf(this.#settings.baudRate), lineControlOf(this.#settings));
  }

  setAttributes(attributes: EfiSerialAttributes): void {
    const settings = checkSettings(attributes);
    const before = this.#settings;
    this.#settings = settings;
    const isSameLine =
      settings.baudRate === before.baudRate && lineControlOf(settings) === lineControlOf(before);
    if (isSameLine) return;
    this.reset();
    this.#settingsChanged(settings);
  }

  setControl(control: number): void {
    const other = control & ~SETTABLE;
    if (other !== 0) {
      const name = other === EFI_SERIAL_HARDWARE_FLOW_CONTROL_ENABLE ? ' (flow control)' : '';
      const message = `control bits 0x${other.toString(16)}${name} cannot be set`;
      throw new EfiError('EFI_UNSUPPORTED', message);
    }
    this.#port.setControl(control);
  }

  getControl(): number {
    return this.#port.getControl();
  }

  write(bytes: Uint8Array): number {
    let written = 0;
    for (const byte of bytes) {
      if (!this.#port.write(byte)) break;
      written += 1;
    }
    return written;
  }

  read(target: Uint8Array): number {
    let read = 0;
    for (let waited = 0; read < target.length;) {
      const byte = this.#port.read();
      if (byte !== undefined) {
        target[read++] = byte;
        waited = 0;
      } else if (waited >= this.#settings.timeout) {
        break;
      } else {
        this.#bs.stall(LOOK_PERIOD);
        waited += LOOK_PERIOD;
      }
    }
    return read;
  }
}
