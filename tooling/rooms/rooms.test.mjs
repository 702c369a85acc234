import { describe, expect, test } from 'vitest';
import { judge } from './rooms.mjs';

/**
 * @param {string} dir
 * @param {Record<string, string>} [files]
 * @param {object} [more] Overrides of the manifest.
 */
function subject(dir, files = {}, more = {}) {
  const [group = '', second = '', third = ''] = dir.split('/');
  const room = group === 'packages' ? second : group;
  return {
    dir,
    room,
    manifest: {
      name: `@dxelab/${third || second}`,
      version: '0.0.0',
      description: 'As EDK II has it.',
      ...more,
    },
    tags: [room],
    /** @type {string[]} */
    types: [],
    readme: 'EDK II',
    files: Object.entries(files).map(([path, text]) => ({ path, text })),
  };
}

const uefi = subject('packages/spec/uefi');
const platform = subject('packages/waist/platform');
const core = subject('packages/firmware/dxe-core');
const machine = subject('packages/machine/emulated-machine');
const scenario = subject('packages/lab/scenario');
const app = subject('apps/dxelab', {}, { name: 'dxelab' });
const house = [uefi, platform, core, machine, scenario, app];

/** @param {ReturnType<typeof subject>} guest */
const complaintsAbout = (guest) => judge([...house, guest], ['vitest']);

describe('the table of rooms', () => {
  /** @type {[dir: string, may: string[]][]} */
  const table = [
    ['packages/spec/new', ['uefi']],
    ['packages/waist/new', ['uefi', 'platform']],
    ['packages/firmware/new', ['uefi', 'platform', 'dxe-core']],
    ['packages/machine/new', ['uefi', 'platform', 'emulated-machine']],
    ['packages/lab/new', ['uefi', 'platform', 'dxe-core', 'emulated-machine', 'scenario']],
  ];
  test.each(table)('%s may import %s and nothing else', (dir, may) => {
    for (const { manifest } of house) {
      const { name } = manifest;
      for (const path of ['src/a.ts', 'src/a.test.ts']) {
        const guest = subject(
          dir,
          { [path]: `import { a } from '${name}';` },
          { dependencies: { [name]: 'workspace:^' } },
        );
        const fine = may.includes(name.replace('@dxelab/', ''));
        expect(complaintsAbout(guest), name).toHaveLength(fine ? 0 : 2);
      }
    }
  });

  test('a room that is not in it is refused', () => {
    expect(complaintsAbout(subject('packages/attic/new'))).toEqual([
      'packages/attic/new: there is no room "attic"',
    ]);
  });

  test('the tag must be the directory', () => {
    const guest = { ...subject('packages/firmware/new'), tags: ['lab'] };
    expect(complaintsAbout(guest)).toEqual([
      'packages/firmware/new/turbo.json: tags must be ["firmware"], not ["lab"]',
    ]);
    expect(complaintsAbout({ ...guest, tags: [] })).toHaveLength(1);
  });
});

describe('imports', () => {
  test.each([
    `import '@dxelab/uefi';`,
    `import type { A } from '@dxelab/uefi';`,
    `export * from '@dxelab/uefi';`,
    `export { a } from '@dxelab/uefi/sub';`,
    `export const a = import('@dxelab/uefi');`,
    `export type A = import('@dxelab/uefi').A;`,
    `/// <reference types="@dxelab/uefi" />`,
    `import { z } from 'zod';`,
  ])('must be declared: %s', (text) => {
    expect(complaintsAbout(subject('packages/lab/new', { 'src/a.ts': text }))).toEqual([
      expect.stringMatching(/is not among the dependencies in packages\/lab\/new\/package.json$/),
    ]);
  });

  test('tests may use devDependencies and what the root offers; sources may not', () => {
    const text = `import 'vitest'; import '@dxelab/uefi';`;
    const manifest = { devDependencies: { '@dxelab/uefi': 'workspace:^' } };
    const files = { 'src/a.test.ts': text, 'src/a.fixture.ts': text };
    expect(complaintsAbout(subject('packages/lab/new', files, manifest))).toEqual([]);
    expect(
      complaintsAbout(subject('packages/lab/new', { 'src/a.ts': text }, manifest)),
    ).toHaveLength(2);
  });

  test('may not leave the package, nor reach what is not published', () => {
    const files = { 'src/a.ts': `import '../../uefi/src/b.ts'; import './b.fixture.ts';` };
    expect(complaintsAbout(subject('packages/lab/new', files))).toEqual([
      'packages/lab/new/src/a.ts: ../../uefi/src/b.ts leaves the package: import it by name',
      'packages/lab/new/src/a.ts: ./b.fixture.ts is not published',
    ]);
  });

  test('in comments and strings are none', () => {
    const text = `/** import '@dxelab/uefi' */ export const a = "import '@dxelab/uefi'";`;
    expect(complaintsAbout(subject('packages/lab/new', { 'src/a.ts': text }))).toEqual([]);
  });

  test.each(['node:fs', 'fs', 'node:fs/promises', 'buffer'])('%s is for a few packages', (name) => {
    const files = { 'src/a.ts': `import '${name}';` };
    for (const room of ['spec', 'waist', 'firmware', 'machine', 'lab'])
      expect(complaintsAbout(subject(`packages/${room}/new`, files))).toHaveLength(1);
    expect(complaintsAbout(subject('packages/lab/node-host', files))).toEqual([]);
    expect(complaintsAbout(subject('apps/new', files))).toEqual([]);
  });

  test("of tests may be Node's, in every room", () => {
    const files = { 'src/a.test.ts': `import 'node:fs';`, 'src/b.fixture.ts': `import 'node:fs';` };
    expect(complaintsAbout(subject('packages/spec/new', files))).toEqual([]);
  });
});

test("only those few may have Node's globals in their types", () => {
  const types = ['node'];
  expect(complaintsAbout({ ...subject('packages/lab/new'), types })).toHaveLength(1);
  expect(complaintsAbout({ ...subject('packages/lab/node-host'), types })).toEqual([]);
});

describe('a module', () => {
  test.each(['let a = 1;', 'export let a = 1;', 'var a = 1;'])('keeps no state: %s', (text) => {
    expect(complaintsAbout(subject('packages/lab/new', { 'src/a.ts': text }))).toHaveLength(1);
    expect(complaintsAbout(subject('packages/lab/new', { 'src/a.test.ts': text }))).toEqual([]);
  });

  test('must be readable', () => {
    expect(
      complaintsAbout(subject('packages/lab/new', { 'src/a.ts': 'import {' })).length,
    ).toBeGreaterThan(0);
  });
});

describe('a package', () => {
  test('names its EDK II counterpart, in its description and its README', () => {
    const guest = subject('packages/lab/new', {}, { description: 'Something.' });
    expect(complaintsAbout({ ...guest, readme: '' })).toHaveLength(2);
  });

  test('is called after its directory', () => {
    expect(complaintsAbout(subject('packages/lab/new', {}, { name: '@dxelab/old' }))).toEqual([
      'packages/lab/new/package.json: name must be @dxelab/new, not @dxelab/old',
    ]);
  });
});
