/** The UTF-8 bytes of a text; a lone surrogate becomes U+FFFD. */
export function utf8Bytes(text: string): number[] {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const point = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), trail(point, 0));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), trail(point, 6), trail(point, 0));
    else bytes.push(0xf0 | (point >> 18), trail(point, 12), trail(point, 6), trail(point, 0));
  }
  return bytes;
}

/** Six bits of a code point as a continuation byte. */
function trail(point: number, shift: number): number {
  return 0x80 | ((point >> shift) & 0x3f);
}
