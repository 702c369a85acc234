/**
 * Whether a text matches a pattern of MetaiMatch (UEFI §13.7): `*` any text, `?` one character, `[…]` one of a
 * set, in which `a-z` is a range. Both are in one case. A set without its end matches nothing.
 *
 * It goes back to the last `*` only, so that no pattern takes more than the product of both lengths.
 */
export function matches(text: string, pattern: string): boolean {
  let at = 0;
  let textAt = 0;
  let star: { readonly pattern: number; text: number } | undefined;
  while (textAt < text.length || at < pattern.length) {
    if (pattern[at] === '*') {
      at += 1;
      star = { pattern: at, text: textAt };
      continue;
    }
    const next = textAt < text.length ? matchOne(text.charCodeAt(textAt), pattern, at) : undefined;
    if (next !== undefined) {
      at = next;
      textAt += 1;
    } else {
      if (star === undefined || star.text >= text.length) return false;
      star.text += 1;
      at = star.pattern;
      textAt = star.text;
    }
  }
  return true;
}

/** Where the pattern goes on behind what matches this character; `undefined` if it does not. */
function matchOne(unit: number, pattern: string, at: number): number | undefined {
  if (at >= pattern.length) return undefined;
  if (pattern[at] === '?') return at + 1;
  if (pattern[at] !== '[') return pattern.charCodeAt(at) === unit ? at + 1 : undefined;
  const end = pattern.indexOf(']', at + 1);
  if (end < 0) return undefined;
  for (let index = at + 1; index < end; index += 1) {
    const first = pattern.charCodeAt(index);
    const isRange = pattern[index + 1] === '-' && index + 2 < end;
    const last = isRange ? pattern.charCodeAt(index + 2) : first;
    if (unit >= first && unit <= last) return end + 1;
    if (isRange) index += 2;
  }
  return undefined;
}
