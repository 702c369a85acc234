/**
 * A 64-bit field of a configuration that has a generation (virtio §2.5.1): it is read again if the
 * configuration changed meanwhile, since the two halves may then not belong together.
 */
export function readBetweenGenerations(read: () => bigint, generation: () => number): bigint {
  for (;;) {
    const before = generation();
    const value = read();
    if (before === generation()) return value;
  }
}

/**
 * A 64-bit field of a legacy device, whose configuration has no generation (virtio §2.5.4): it is read
 * until two looks in a row agree.
 */
export function readUntilStable(read: () => bigint): bigint {
  for (let before = read(); ;) {
    const value = read();
    if (value === before) return value;
    before = value;
  }
}
