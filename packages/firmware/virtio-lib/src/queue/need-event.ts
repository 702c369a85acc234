/**
 * Whether the other side asked to be told of one of the last `added` entries before `next`: virtio
 * §2.7.10.1, in the 16 bits in which indices run.
 * @param event the entry of which it wants to be told
 * @param next the index behind the last entry
 * @param added how many there are since it was asked the last time
 */
export function needEvent(event: number, next: number, added: number): boolean {
  // more than the index can tell apart: one of them is the event, whatever it is
  return added > 0xffff || ((next - event - 1) & 0xffff) < added;
}

/**
 * The same of a packed ring, where an entry is named by offset and wrap counter (virtio §2.8.10).
 * @param event offset, and the wrap counter in bit 15
 * @param next where the next descriptor will be written, with `wrap`, its counter
 */
export function needPackedEvent(
  event: number,
  next: number,
  wrap: 0 | 1,
  added: number,
  queueSize: number,
): boolean {
  const offset = event & 0x7fff;
  const sameLap = event >>> 15 === wrap;
  const behind = sameLap ? next - offset : next + queueSize - offset;
  // more than a lap: one of them is the event, whatever it is
  return added > queueSize || (behind >= 1 && behind <= added);
}
