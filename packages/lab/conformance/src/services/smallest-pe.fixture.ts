const PE = 0x80;
const OPTIONAL = PE + 24;
/** Headers and one page behind them, which is the entry point's. */
const SIZE_OF_HEADERS = 0x400;
const SIZE_OF_IMAGE = 0x2000;

export interface PeFields {
  readonly subsystem: number;
  readonly machine: number;
}

/** An image of headers alone, which some runtime will execute: by default an application for X64. */
export function smallestPe(fields: Partial<PeFields> = {}): Uint8Array {
  const { subsystem = 10, machine = 0x8664 } = fields;
  const file = new Uint8Array(SIZE_OF_HEADERS);
  const view = new DataView(file.buffer);
  view.setUint16(0, 0x5a4d, true);
  view.setUint32(0x3c, PE, true);
  view.setUint32(PE, 0x4550, true);
  view.setUint16(PE + 4, machine, true);
  view.setUint16(PE + 20, 112 + 16 * 8, true);
  view.setUint16(PE + 22, 0x22, true);
  view.setUint16(OPTIONAL, 0x20b, true);
  view.setUint32(OPTIONAL + 16, 0x1000, true);
  view.setUint32(OPTIONAL + 32, 0x1000, true);
  view.setUint32(OPTIONAL + 36, 0x200, true);
  view.setUint32(OPTIONAL + 56, SIZE_OF_IMAGE, true);
  view.setUint32(OPTIONAL + 60, SIZE_OF_HEADERS, true);
  view.setUint16(OPTIONAL + 68, subsystem, true);
  view.setUint32(OPTIONAL + 108, 16, true);
  return file;
}
