import { PlatformFault } from '@dxelab/platform';

// The commands of the qtest protocol (QEMU, system/qtest.c). A malformed one aborts QEMU: so none is
// made of anything but numbers and bytes that were checked, and no string comes from outside.

/** One command line with its newline; only this module makes them. */
export type QtestCommand = string & { readonly kind?: 'qtest-command' };

/** The suffix of a command by the width of the access, in bytes: `inb`, `readq`. */
const SUFFIX = { 1: 'b', 2: 'w', 4: 'l', 8: 'q' } as const;

/** The width of an access, in bytes; ports have no 8. */
export type AccessWidth = keyof typeof SUFFIX;
export type PortWidth = Exclude<AccessWidth, 8>;

export function inCommand(port: number, width: PortWidth): QtestCommand {
  return `in${SUFFIX[width]} ${portText(port)}\n`;
}

export function outCommand(port: number, width: PortWidth, value: number): QtestCommand {
  return `out${SUFFIX[width]} ${portText(port)} ${valueText(value)}\n`;
}

export function readCommand(address: number, width: AccessWidth): QtestCommand {
  return `read${SUFFIX[width]} ${addressText(address)}\n`;
}

export function writeCommand(
  address: number,
  width: AccessWidth,
  value: number | bigint,
): QtestCommand {
  return `write${SUFFIX[width]} ${addressText(address)} ${valueText(value)}\n`;
}

/** Answers `length` bytes in base64; at least one, or QEMU aborts. */
export function base64ReadCommand(address: number, length: number): QtestCommand {
  return `b64read ${addressText(address)} ${lengthText(length)}\n`;
}

export function base64WriteCommand(address: number, bytes: Uint8Array): QtestCommand {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
  return `b64write ${addressText(address)} ${lengthText(bytes.length)} ${text}\n`;
}

export function fillCommand(address: number, length: number, value: number): QtestCommand {
  return `memset ${addressText(address)} ${lengthText(length)} ${valueText(value & 0xff)}\n`;
}

/** The harmless one, by which a QEMU shows that it listens. */
export const ENDIANNESS_COMMAND: QtestCommand = 'endianness\n';

function portText(port: number): string {
  if (Number.isInteger(port) && port >= 0 && port <= 0xffff) return `0x${port.toString(16)}`;
  throw new PlatformFault(`there is no port ${port}: an x86 CPU has 65536`);
}

function addressText(address: number): string {
  if (Number.isSafeInteger(address) && address >= 0) return `0x${address.toString(16)}`;
  throw new PlatformFault(`${address} is no physical address`);
}

function lengthText(length: number): string {
  if (Number.isSafeInteger(length) && length > 0) return `0x${length.toString(16)}`;
  throw new PlatformFault(`${length} is no length of an access to memory`);
}

/** A value as the unsigned number that it is on the bus. */
function valueText(value: number | bigint): string {
  if (typeof value === 'bigint') return `0x${BigInt.asUintN(64, value).toString(16)}`;
  return `0x${(value >>> 0).toString(16)}`;
}
