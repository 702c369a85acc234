import type { EfiSerialAttributes } from '@dxelab/uefi';
import {
  DefaultParity,
  DefaultStopBits,
  EfiError,
  EvenParity,
  NoParity,
  OddParity,
  OneFiveStopBits,
  OneStopBit,
  TwoStopBits,
} from '@dxelab/uefi';

/** What the port is set to unless somebody wants otherwise: PcdUartDefault*. */
export const DEFAULT_SETTINGS: EfiSerialAttributes = {
  baudRate: 115_200,
  receiveFifoDepth: 16,
  timeout: 1_000_000,
  parity: NoParity,
  dataBits: 8,
  stopBits: OneStopBit,
};

/** The fastest that a 16550 with its usual crystal can do, in baud; others are a whole part of it. */
const FASTEST = 115_200;
const LARGEST_DIVISOR = 0xffff;

const PARITY_BITS: ReadonlyMap<number, number> = new Map([
  [NoParity, 0x00],
  [OddParity, 0x08],
  [EvenParity, 0x18],
]);
const TWO_STOP_BITS = 0x04;

/**
 * The attributes that are meant, with defaults for zeros (UEFI §12.8.3.2).
 * @throws EFI_INVALID_PARAMETER for what this port cannot do
 */
export function checkSettings(wanted: EfiSerialAttributes): EfiSerialAttributes {
  const settings: EfiSerialAttributes = {
    baudRate: wanted.baudRate || DEFAULT_SETTINGS.baudRate,
    receiveFifoDepth: wanted.receiveFifoDepth || DEFAULT_SETTINGS.receiveFifoDepth,
    timeout: wanted.timeout || DEFAULT_SETTINGS.timeout,
    parity: wanted.parity === DefaultParity ? DEFAULT_SETTINGS.parity : wanted.parity,
    dataBits: wanted.dataBits || DEFAULT_SETTINGS.dataBits,
    stopBits: wanted.stopBits === DefaultStopBits ? DEFAULT_SETTINGS.stopBits : wanted.stopBits,
  };
  const divisor = divisorOf(settings.baudRate);
  if (!(divisor >= 1 && divisor <= LARGEST_DIVISOR)) {
    throw invalid(`${settings.baudRate} baud: the port has 2 to ${FASTEST}`);
  }
  if (![5, 6, 7, 8].includes(settings.dataBits)) throw invalid(`${settings.dataBits} data bits`);
  if (!PARITY_BITS.has(settings.parity)) throw invalid(`parity ${settings.parity}`);
  // one and a half are for characters of five bits, two for all others
  const longest = settings.dataBits === 5 ? OneFiveStopBits : TwoStopBits;
  if (settings.stopBits !== OneStopBit && settings.stopBits !== longest) {
    throw invalid(`stop bits ${settings.stopBits} with ${settings.dataBits} data bits`);
  }
  if (settings.receiveFifoDepth > 16) throw invalid(`a FIFO of ${settings.receiveFifoDepth} bytes`);
  // the fastest rate that is not above the one that was asked for
  return { ...settings, baudRate: Math.floor(FASTEST / divisor) };
}

/** Of `FASTEST`, for a rate that is the next lower one. */
export function divisorOf(baudRate: number): number {
  return Math.ceil(FASTEST / baudRate);
}

/** The line control register for these attributes. */
export function lineControlOf({ dataBits, parity, stopBits }: EfiSerialAttributes): number {
  const stop = stopBits === OneStopBit ? 0 : TWO_STOP_BITS;
  return (dataBits - 5) | stop | (PARITY_BITS.get(parity) ?? 0);
}

function invalid(what: string): EfiError {
  return new EfiError('EFI_INVALID_PARAMETER', `the serial port cannot have ${what}`);
}
