import { EfiError } from '../status/efi-error.ts';

// ECMAScript has a strict UTF-8 codec of its own, behind the encoding of URIs.

/** A text as UTF-8, without a terminator. @throws EFI_INVALID_PARAMETER for half a surrogate pair */
export function utf8Field(text: string): Uint8Array {
  const escaped = orUndefined(() => encodeURIComponent(text));
  if (escaped === undefined) {
    throw new EfiError('EFI_INVALID_PARAMETER', 'half a surrogate pair is no character');
  }
  const characters = escaped.match(/%[0-9A-F]{2}|[^%]/g) ?? [];
  return Uint8Array.from(characters, (one) =>
    one.length === 1 ? one.charCodeAt(0) : Number.parseInt(one.slice(1), 16),
  );
}

/** The text that UTF-8 bytes stand for; `undefined` if they are no UTF-8. */
export function utf8FromBytes(bytes: Uint8Array): string | undefined {
  const escaped = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`);
  return orUndefined(() => decodeURIComponent(escaped.join('')));
}

function orUndefined(convert: () => string): string | undefined {
  try {
    return convert();
  } catch (caught) {
    if (caught instanceof URIError) return undefined;
    throw caught;
  }
}
