import { EfiError } from '@dxelab/uefi';

/**
 * The characters, of 8 bits each, up to the next NUL.
 * @returns `undefined` if there is none before `end`
 */
export function textAt(bytes: Uint8Array, offset: number, end: number): string | undefined {
  const nul = bytes.subarray(0, end).indexOf(0, offset);
  if (nul < 0) return undefined;
  let text = '';
  for (let at = offset; at < nul; at += 1) text += String.fromCodePoint(bytes[at] ?? 0);
  return text;
}

/**
 * The characters of a text, 8 bits each, and a NUL.
 * @throws EFI_INVALID_PARAMETER for a character that has more bits, or is NUL itself
 */
export function textBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length + 1);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0 || code > 0xff) {
      throw new EfiError('EFI_INVALID_PARAMETER', `${JSON.stringify(text)} is no text of 8 bits`);
    }
    bytes[at] = code;
  }
  return bytes;
}
