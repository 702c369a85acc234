/**
 * How wide the register at each offset is, in bytes; 0 where none begins.
 * @param size of all registers together, in bytes
 * @param registers the offsets, by width
 */
export function registerWidths(
  size: number,
  registers: Readonly<Record<number, readonly number[]>>,
): Uint8Array {
  const table = new Uint8Array(size);
  for (const [width, offsets] of Object.entries(registers)) {
    for (const offset of offsets) table[offset] = Number(width);
  }
  return table;
}
