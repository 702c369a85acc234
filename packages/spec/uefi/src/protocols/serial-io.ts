import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** EFI_PARITY_TYPE (UEFI §12.8.3.1), by its numbers. */
export const DefaultParity = 0;
export const NoParity = 1;
export const EvenParity = 2;
export const OddParity = 3;

/** EFI_STOP_BITS_TYPE (UEFI §12.8.3.1), by its numbers. */
export const DefaultStopBits = 0;
export const OneStopBit = 1;
export const OneFiveStopBits = 2;
export const TwoStopBits = 3;

/** The bits of GetControl and SetControl (UEFI §12.8.3.3, §12.8.3.4). */
export const EFI_SERIAL_DATA_TERMINAL_READY = 0x0001;
export const EFI_SERIAL_REQUEST_TO_SEND = 0x0002;
export const EFI_SERIAL_CLEAR_TO_SEND = 0x0010;
export const EFI_SERIAL_DATA_SET_READY = 0x0020;
export const EFI_SERIAL_RING_INDICATE = 0x0040;
export const EFI_SERIAL_CARRIER_DETECT = 0x0080;
export const EFI_SERIAL_INPUT_BUFFER_EMPTY = 0x0100;
export const EFI_SERIAL_OUTPUT_BUFFER_EMPTY = 0x0200;
export const EFI_SERIAL_HARDWARE_LOOPBACK_ENABLE = 0x1000;
export const EFI_SERIAL_SOFTWARE_LOOPBACK_ENABLE = 0x2000;
export const EFI_SERIAL_HARDWARE_FLOW_CONTROL_ENABLE = 0x4000;

/** What SetAttributes sets (UEFI §12.8.3.2); 0 is the default of the device. */
export interface EfiSerialAttributes {
  /** In bits per second. */
  readonly baudRate: number;
  /** In bytes. */
  readonly receiveFifoDepth: number;
  /** For a character that is awaited, in microseconds. */
  readonly timeout: number;
  readonly parity: number;
  readonly dataBits: number;
  readonly stopBits: number;
}

/** SERIAL_IO_MODE (UEFI §12.8.1): the attributes as they are, and which control bits there are. */
export interface EfiSerialIoMode extends EfiSerialAttributes {
  readonly controlMask: number;
}

/** EFI_SERIAL_IO_PROTOCOL (UEFI §12.8). */
export interface EfiSerialIo {
  /** As the device is after power-on. @throws EFI_DEVICE_ERROR */
  reset(): void;
  /** @throws EFI_INVALID_PARAMETER for what the device cannot do, EFI_DEVICE_ERROR */
  setAttributes(attributes: EfiSerialAttributes): void;
  /** @throws EFI_UNSUPPORTED for a bit that cannot be set, EFI_DEVICE_ERROR */
  setControl(control: number): void;
  /** @throws EFI_DEVICE_ERROR */
  getControl(): number;
  /** @returns how many bytes were written: fewer than there are is EFI_TIMEOUT in C. @throws EFI_DEVICE_ERROR */
  write(bytes: Uint8Array): number;
  /** @returns how many bytes came: fewer than there is room for is EFI_TIMEOUT in C. @throws EFI_DEVICE_ERROR */
  read(target: Uint8Array): number;
  readonly mode: EfiSerialIoMode;
}

/** By which EFI_SERIAL_IO_PROTOCOL (UEFI §12.8) is found. */
export const SerialIoProtocol: Protocol<EfiSerialIo> = defineProtocol(
  'SerialIo',
  'bb25cf6f-f1d4-11d2-9a0c-0090273fc1fd',
);
