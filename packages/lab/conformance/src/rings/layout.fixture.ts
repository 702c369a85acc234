/** The queue lies behind this address, and the buffers of chains behind the other one. */
export const QUEUE_BASE = 0x1000;
const BUFFER_BASE = 0x1_0000;
export const RAM_SIZE = 0x2_0000;
/** One cell for each chain stands for all that its buffers hold. */
const DATA_BASE = 0x8000;

/** In bytes, each buffer of a chain. */
export const BUFFER_SIZE = 8;

// What the data of a chain can be.
export const REQUEST = 1;
/** The device has written all but the last byte. */
export const ANSWER = 2;
/** The device has written all, and says nothing of it: one behind it in the batch speaks for it. */
export const SKIPPED = 3;

export function dataAddress(token: number): number {
  return DATA_BASE + 2 * token;
}

/** The address says whose buffer it is, of how many, and which: so a chain can be known by its buffers. */
export function bufferAddress(token: number, count: number, part: number): number {
  return BUFFER_BASE + 0x1000 * token + 0x100 * count + 0x10 * part;
}

export function tokenOf(address: number): number {
  return (address - BUFFER_BASE) >> 12;
}

export function countOf(address: number): number {
  return (address >> 8) & 0xf;
}

/** How many bytes of a chain the device may write: all but the first buffer, if there is another one. */
export function writableOf(count: number): number {
  return BUFFER_SIZE * Math.max(1, count - 1);
}

/** The index of a split ring at the beginning: a lap before it passes from 65535 to 0. */
export function firstIndex(queueSize: number): number {
  return 0x1_0000 - queueSize;
}
