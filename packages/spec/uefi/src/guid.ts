/** A GUID as canonical lower-case text; identity is the text. */
export type Guid = string & { readonly guid?: true };

const CANONICAL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The canonical form of a GUID's text.
 * @throws TypeError if the text is not a GUID: GUIDs in source code are constants.
 */
export function guid(text: string): Guid {
  const canonical = text.toLowerCase();
  if (!CANONICAL.test(canonical)) {
    throw new TypeError(`a GUID has the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, not "${text}"`);
  }
  return canonical;
}

/** The GUID of all zeros: an unused GPT entry, an absent signature. */
export const ZERO_GUID: Guid = guid('00000000-0000-0000-0000-000000000000');

/** Where each byte of the memory layout stands in the text: the first three fields are little-endian. */
const TEXT_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/** The 16 bytes of a GUID in memory (UEFI Appendix A). */
export function guidToBytes(value: Guid): Uint8Array {
  const digits = value.replaceAll('-', '');
  return Uint8Array.from(TEXT_ORDER, (byte) =>
    Number.parseInt(digits.slice(byte * 2, byte * 2 + 2), 16),
  );
}

/** The GUID whose 16 bytes begin at `offset`. */
export function guidFromBytes(bytes: Uint8Array, offset = 0): Guid {
  const hex = TEXT_ORDER.map((byte) => (bytes[offset + byte] ?? 0).toString(16).padStart(2, '0'));
  const digits = hex.join('');
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join('-');
}
