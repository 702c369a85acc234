import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** EFI_UNICODE_COLLATION_PROTOCOL (UEFI §13.7). Names of files and volumes are compared with it. */
export interface EfiUnicodeCollation {
  /** Without regard to case: 0 if equal, below 0 if `s1` comes first, above 0 if `s2` does. */
  striColl(s1: string, s2: string): number;
  /**
   * Whether a text matches a pattern, without regard to case: `*` is any text, `?` any character, and
   * `[a-z]` any of a set.
   */
  metaiMatch(text: string, pattern: string): boolean;
  strLwr(text: string): string;
  strUpr(text: string): string;
  /** Text from 8.3 characters of FAT, up to a NUL or the end. */
  fatToStr(fat: Uint8Array): string;
  /**
   * 8.3 characters of FAT from a text, without dots and spaces: what FAT cannot hold becomes `_`, and
   * `substituted` is then true.
   * @param fatSize how many characters there may be
   */
  strToFat(
    text: string,
    fatSize: number,
  ): { readonly fat: Uint8Array; readonly substituted: boolean };
  /** Codes of ISO 639-2 without separators, or, of the second protocol, of RFC 4646 with semicolons. */
  readonly supportedLanguages: string;
}

/** By which EFI_UNICODE_COLLATION_PROTOCOL of EFI 1.10 is found: its languages are those of ISO 639-2. */
export const UnicodeCollationProtocol: Protocol<EfiUnicodeCollation> = defineProtocol(
  'UnicodeCollation',
  '1d85cd7f-f43d-11d2-9a0c-0090273fc14d',
);

/** By which EFI_UNICODE_COLLATION2_PROTOCOL (UEFI §13.7) is found. */
export const UnicodeCollation2Protocol: Protocol<EfiUnicodeCollation> = defineProtocol(
  'UnicodeCollation2',
  'a4c751fc-23ae-4c3e-92e9-4964cf63f349',
);
