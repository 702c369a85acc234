import type { EfiUnicodeCollation } from '@dxelab/uefi';
import type { Letters } from './letters.ts';
import { matches } from './pattern.ts';

/** Characters beside letters and digits that an 8.3 name may have (FAT specification §6.1). */
const FAT_CHARACTERS = "$%'-_@~`!(){}^#&";
const SUBSTITUTE = 0x5f;

/** EFI_UNICODE_COLLATION_PROTOCOL for English (UEFI §13.7). EnglishDxe/UnicodeCollationEng.c. */
export class EnglishCollation implements EfiUnicodeCollation {
  readonly supportedLanguages: string;
  readonly #letters: Letters;

  /** @param supportedLanguages as the protocol writes them that this is to be */
  constructor(letters: Letters, supportedLanguages: string) {
    this.#letters = letters;
    this.supportedLanguages = supportedLanguages;
  }

  striColl(s1: string, s2: string): number {
    const [upper1, upper2] = [this.strUpr(s1), this.strUpr(s2)];
    const end = Math.max(upper1.length, upper2.length);
    for (let index = 0; index < end; index += 1) {
      // the end of a text counts as 0, as its NUL does in C
      const unit1 = index < upper1.length ? upper1.charCodeAt(index) : 0;
      const unit2 = index < upper2.length ? upper2.charCodeAt(index) : 0;
      if (unit1 !== unit2) return unit1 - unit2;
    }
    return 0;
  }

  metaiMatch(text: string, pattern: string): boolean {
    return matches(this.strUpr(text), this.strUpr(pattern));
  }

  strLwr(text: string): string {
    return this.#letters.lower(text);
  }

  strUpr(text: string): string {
    return this.#letters.upper(text);
  }

  fatToStr(fat: Uint8Array): string {
    const end = fat.indexOf(0);
    return String.fromCharCode(...(end < 0 ? fat : fat.subarray(0, end)));
  }

  strToFat(
    text: string,
    fatSize: number,
  ): { readonly fat: Uint8Array; readonly substituted: boolean } {
    const fat: number[] = [];
    let substituted = false;
    for (let index = 0; index < text.length && fat.length < fatSize; index += 1) {
      const character = text.charAt(index);
      if (character === '.' || character === ' ') continue;
      const upper = this.strUpr(character).charCodeAt(0);
      const isLegal = isFatCharacter(upper);
      if (!isLegal) substituted = true;
      fat.push(isLegal ? upper : SUBSTITUTE);
    }
    return { fat: Uint8Array.from(fat), substituted };
  }
}

function isFatCharacter(unit: number): boolean {
  if (unit >= 0x80) return unit <= 0xff;
  return (
    /[A-Z0-9]/.test(String.fromCharCode(unit)) || FAT_CHARACTERS.includes(String.fromCharCode(unit))
  );
}
