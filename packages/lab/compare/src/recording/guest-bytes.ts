import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { GuestRam } from '@dxelab/platform';
import { PlatformFault } from '@dxelab/platform';

/** Bytes of a buffer. */
export interface GuestRange {
  readonly address: number;
  /** In bytes. */
  readonly length: number;
}

/** So many bytes are shown as they are; of more, the first ones and a hash. */
const SHOWN_WHOLE = 64;
const SHOWN_FIRST = 16;
/** Of the hash, in hexadecimal digits: enough to tell sectors apart. */
const HASH_DIGITS = 16;
/** Read at once. */
const CHUNK = 2 ** 20;
/** What a driver says of a length is not to be trusted with the memory of the lab. */
const MOST = 2 ** 28;

/** What is in a buffer, in few words: equal texts stand for equal bytes. */
export function bytesText(ram: GuestRam, { address, length }: GuestRange): string {
  if (length > MOST) return `${length} bytes, too many to look at`;
  try {
    return length <= SHOWN_WHOLE ? wholeText(ram, address, length) : hashText(ram, address, length);
  } catch (caught) {
    if (caught instanceof PlatformFault) return `${length} bytes that are not in RAM`;
    throw caught;
  }
}

function wholeText(ram: GuestRam, address: number, length: number): string {
  const bytes = new Uint8Array(length);
  ram.readBytes(address, bytes);
  return bytesToHex(bytes);
}

function hashText(ram: GuestRam, address: number, length: number): string {
  const hash = sha256.create();
  let first = '';
  for (let at = 0; at < length; at += CHUNK) {
    const bytes = new Uint8Array(Math.min(CHUNK, length - at));
    ram.readBytes(address + at, bytes);
    if (at === 0) first = bytesToHex(bytes.subarray(0, SHOWN_FIRST));
    hash.update(bytes);
  }
  const digest = bytesToHex(hash.digest()).slice(0, HASH_DIGITS);
  return `${first}… of ${length} bytes, SHA-256 ${digest}…`;
}
