import type { Quirks } from '@dxelab/uefi-lib';
import type { VariableAccess } from '../variables/global-variables.ts';
import {
  readGlobal,
  writeLastingGlobal,
  writeVolatileGlobal,
} from '../variables/global-variables.ts';

/** What the firmware speaks, and what it speaks unless somebody wants otherwise (UEFI §3.3, Appendix M). */
interface Languages {
  /** RFC 4646 codes, separated by semicolons. */
  readonly platformCodes: string;
  readonly platform: string;
  /** ISO 639-2 codes without separators, and one of them; deprecated since UEFI 2.0. */
  readonly old?: { readonly codes: string; readonly language: string };
}

/** The one language that the modules here have names and texts in. */
const ENGLISH: Languages = { platformCodes: 'en', platform: 'en' };

/** PcdUefiVariableDefaultPlatformLangCodes and its like, as MdePkg declares them and OVMF leaves them. */
const DEFAULTS_OF_EDK2: Languages = {
  platformCodes: 'en;fr;en-US;fr-FR',
  platform: 'en-US',
  old: { codes: 'engfraengfra', language: 'eng' },
};

/**
 * Says which languages there are, and chooses one unless somebody has chosen one of them
 * (BdsEntry.c and Language.c of MdeModulePkg/Universal/BdsDxe: InitializeLanguage).
 */
export function initializeLanguages(rs: VariableAccess, quirks: Quirks): void {
  const edk2 = quirks.has('BdsDxe.LanguagesOfPcds');
  const { platformCodes, platform, old } = edk2 ? DEFAULTS_OF_EDK2 : ENGLISH;
  writeVolatileGlobal(rs, 'PlatformLangCodes', asciiz(platformCodes));
  choose(rs, 'PlatformLang', platformCodes.split(';'), platform);
  if (old === undefined) return;
  writeVolatileGlobal(rs, 'LangCodes', asciiz(old.codes));
  choose(rs, 'Lang', old.codes.match(/.{3}/g) ?? [], old.language);
}

/** A choice that is one of the codes stays. */
function choose(rs: VariableAccess, name: string, codes: readonly string[], usual: string): void {
  const chosen = readGlobal(rs, name);
  const isThere = codes.some((code) => {
    const bytes = asciiz(code);
    return chosen?.length === bytes.length && bytes.every((byte, index) => byte === chosen[index]);
  });
  if (!isThere) writeLastingGlobal(rs, name, asciiz(usual));
}

/** With its NUL. */
function asciiz(text: string): Uint8Array {
  return Uint8Array.from(`${text}\0`, (character) => character.charCodeAt(0));
}
