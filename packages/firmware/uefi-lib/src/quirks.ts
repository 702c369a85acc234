/**
 * Where OVMF or EDK II deviates from a specification. The `specification` profile has none of these,
 * the `edk2` profile has all; a scenario can override a single one. Named `Module.WhatItDoes`.
 */
export const QUIRKS = {
  'VirtioLib.FlushPollsForEver':
    'VirtioFlush waits for an exactly equal used index and never checks what the device says about itself (OvmfPkg/Library/VirtioLib)',
  'VirtioLib.UsedElementUnchecked':
    'VirtioFlush believes the id and the length of the used element (OvmfPkg/Library/VirtioLib)',
} as const;

export type QuirkName = keyof typeof QUIRKS;
export type Profile = 'specification' | 'edk2';

export const PROFILES: readonly Profile[] = ['specification', 'edk2'];

/** The quirks in force: a profile, with single ones overridden. */
export class Quirks {
  readonly profile: Profile;
  readonly #overrides: ReadonlyMap<QuirkName, boolean>;

  constructor(profile: Profile, overrides: Readonly<Partial<Record<QuirkName, boolean>>> = {}) {
    this.profile = profile;
    this.#overrides = new Map(
      Object.entries(overrides).filter(
        (entry): entry is [QuirkName, boolean] => isQuirkName(entry[0]) && entry[1] !== undefined,
      ),
    );
  }

  /** Whether a module is to behave as what ships. Asked once, at a module's entry, not per call. */
  has(name: QuirkName): boolean {
    return this.#overrides.get(name) ?? this.profile === 'edk2';
  }
}

export function isQuirkName(name: string): name is QuirkName {
  return Object.hasOwn(QUIRKS, name);
}
