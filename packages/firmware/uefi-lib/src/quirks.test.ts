import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { QuirkName } from './quirks.ts';
import { PROFILES, Quirks, QUIRKS } from './quirks.ts';

const FIRMWARE = new URL('../../', import.meta.url);

/** What the other modules of the firmware are made of, without their tests. */
function firmwareSources(): readonly string[] {
  return readdirSync(FIRMWARE)
    .filter((name) => name !== 'uefi-lib')
    .flatMap((name) => {
      const sources = new URL(`${name}/src/`, FIRMWARE);
      return readdirSync(sources, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(path))
        .map((path) => readFileSync(new URL(path, sources), 'utf8'));
    });
}

/** Typed as the names that they are: an array's elements lose that. */
function names(): readonly QuirkName[] {
  return Object.keys(QUIRKS).filter((name): name is QuirkName => name in QUIRKS);
}

describe('the list of quirks', () => {
  test.each(Object.entries(QUIRKS))('%s says which module does what, and where', (name, what) => {
    expect(name).toMatch(/^[A-Z][A-Za-z0-9]+\.[A-Z][A-Za-z0-9]+$/);
    expect(what).toMatch(/^\S.* \([A-Z][A-Za-z]+Pkg\/.*\)$/);
  });

  test('is in alphabetical order', () => {
    expect(Object.keys(QUIRKS)).toEqual(Object.keys(QUIRKS).toSorted());
  });

  test('has none that no module asks for', () => {
    const sources = firmwareSources().join('\n');
    expect(Object.keys(QUIRKS).filter((name) => !sources.includes(`'${name}'`))).toEqual([]);
  });
});

describe('Quirks', () => {
  test('specification has none of them, edk2 all', () => {
    const inForce = PROFILES.map((profile) => {
      const quirks = new Quirks(profile);
      return names().filter((name) => quirks.has(name)).length;
    });
    expect(inForce).toEqual([0, names().length]);
  });

  test.each(PROFILES)('%s: a single one is switched whatever the profile says', (profile) => {
    for (const inForce of [true, false]) {
      const quirks = new Quirks(profile, { 'VirtioLib.AlwaysNotifies': inForce });
      expect(quirks.has('VirtioLib.AlwaysNotifies')).toBe(inForce);
      expect(quirks.has('VirtioLib.Version1Optional')).toBe(profile === 'edk2');
    }
  });

  test('a name that is misspelt is not ignored', () => {
    const overrides: object = { 'VirtioLib.NeverNotifies': true };
    expect(() => new Quirks('edk2', overrides)).toThrow(
      'there is no quirk "VirtioLib.NeverNotifies"',
    );
  });

  test('what every object has is not the name of a quirk', () => {
    const overrides: object = { toString: true };
    expect(() => new Quirks('edk2', overrides)).toThrow(TypeError);
  });
});
