/** The characters of the bytes 0x80 to 0xFF. */
export type CodePage = string;

/** The OEM code page of most FAT volumes. */
export const CODE_PAGE_437: CodePage =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐' +
  '└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/** Each byte as the character of the same number: what EDK II's EnglishDxe does (FatToStr). */
export const LATIN_1: CodePage = Array.from({ length: 128 }, (_, index) =>
  String.fromCharCode(0x80 + index),
).join('');

/** The text of a byte string, without the spaces that pad it. */
export function decodeOem(bytes: string, page: CodePage): string {
  return bytes
    .replace(/ +$/, '')
    .replaceAll(/[\u0080-\u00ff]/g, (byte) => page.charAt(byte.charCodeAt(0) - 0x80));
}
