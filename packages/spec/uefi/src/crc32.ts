/** The reflected form of the polynomial 0x04C11DB7. */
const POLYNOMIAL = 0xedb88320;

/**
 * Eight tables of 256: entry `i` of table `k` is the remainder of byte `i` followed by `k` zero bytes,
 * so that eight bytes are taken in one step.
 */
const TABLES: Int32Array = makeTables();

/**
 * The CRC-32 of UEFI §7.5.7 (ISO 3309, as in Ethernet), as an unsigned number. Here an empty array is
 * 0; it is the boot service that refuses it.
 * @param previous the CRC-32 of what stands before the data, to go on from
 */
export function crc32(data: Uint8Array, previous = 0): number {
  let crc = ~previous;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let offset = 0;
  for (const end = data.length - 7; offset < end; offset += 8) {
    const low = crc ^ view.getInt32(offset, true);
    const high = view.getInt32(offset + 4, true);
    crc =
      at(0x700, low & 0xff) ^
      at(0x600, (low >>> 8) & 0xff) ^
      at(0x500, (low >>> 16) & 0xff) ^
      at(0x400, low >>> 24) ^
      at(0x300, high & 0xff) ^
      at(0x200, (high >>> 8) & 0xff) ^
      at(0x100, (high >>> 16) & 0xff) ^
      at(0, high >>> 24);
  }
  for (; offset < data.length; offset += 1) {
    crc = (crc >>> 8) ^ at(0, (crc ^ view.getUint8(offset)) & 0xff);
  }
  return ~crc >>> 0;
}

/** @param table the number of the table times 256 */
function at(table: number, index: number): number {
  return TABLES[table + index] ?? 0;
}

function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = (remainder & 1) === 0 ? remainder >>> 1 : (remainder >>> 1) ^ POLYNOMIAL;
    }
    tables[byte] = remainder;
  }
  for (let index = 256; index < tables.length; index += 1) {
    const shorter = tables[index - 256] ?? 0;
    tables[index] = (shorter >>> 8) ^ (tables[shorter & 0xff] ?? 0);
  }
  return tables;
}
