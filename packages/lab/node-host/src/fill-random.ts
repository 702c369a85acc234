/** What `crypto.getRandomValues` fills at a time. */
const MOST = 65_536;

/** Fills an array with entropy of the kernel's. */
export function fillRandom(target: Uint8Array): void {
  for (let at = 0; at < target.length; at += MOST) {
    crypto.getRandomValues(target.subarray(at, at + MOST));
  }
}
