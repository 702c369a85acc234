/** The cipher works on blocks of 8 bytes. */
const BLOCK = 8;
const CYCLES = 32;
const DELTA = 0x9e3779b9;
const KEY = [0x64786c61, 0x62203230, 0x31332120, 0x73656564] as const;

/** Encrypts whole blocks where they stand: XTEA, and each block tweaked by its place on the disk. */
export function encrypt(bytes: Uint8Array, place: number): void {
  eachBlock(bytes, place, (view, at) => {
    let left = view.getUint32(at, true);
    let right = view.getUint32(at + 4, true);
    let sum = 0;
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      left = (left + mix(right, sum, sum)) >>> 0;
      sum = (sum + DELTA) >>> 0;
      right = (right + mix(left, sum, sum >>> 11)) >>> 0;
    }
    view.setUint32(at, left, true);
    view.setUint32(at + 4, right, true);
  });
}

/** Undoes `encrypt`. Whoever does it twice has garbage. */
export function decrypt(bytes: Uint8Array, place: number): void {
  eachBlock(bytes, place, (view, at) => {
    let left = view.getUint32(at, true);
    let right = view.getUint32(at + 4, true);
    let sum = Math.imul(DELTA, CYCLES) >>> 0;
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      right = (right - mix(left, sum, sum >>> 11)) >>> 0;
      sum = (sum - DELTA) >>> 0;
      left = (left - mix(right, sum, sum)) >>> 0;
    }
    view.setUint32(at, left, true);
    view.setUint32(at + 4, right, true);
  });
}

function mix(half: number, sum: number, key: number): number {
  return (((half << 4) ^ (half >>> 5)) + half) ^ (sum + (KEY[key & 3] ?? 0));
}

/** Before and after each block its place is mixed in, so that no two blocks look alike. */
function eachBlock(
  bytes: Uint8Array,
  place: number,
  work: (view: DataView, at: number) => void,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + BLOCK <= bytes.length; at += BLOCK) {
    const tweak = Math.imul((place + at) / BLOCK, DELTA) >>> 0;
    view.setUint32(at, view.getUint32(at, true) ^ tweak, true);
    work(view, at);
    view.setUint32(at, view.getUint32(at, true) ^ tweak, true);
  }
}
