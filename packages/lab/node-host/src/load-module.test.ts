import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from 'oxc-transform';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const SOURCES = fileURLToPath(new URL('.', import.meta.url));
/** Beside the package's own modules, so that what is built there finds its dependencies. */
const CACHE = fileURLToPath(new URL('../node_modules/.cache/', import.meta.url));
const UNDER_TEST = [
  'hooks-thread',
  'host-error',
  'load-module',
  'package-specifier',
  'typescript-hooks',
];

let host = '';
let folder = '';

/** Hooks run in Node alone, not in Vitest: the sources are built as they are published. */
beforeAll(() => {
  mkdirSync(CACHE, { recursive: true });
  host = mkdtempSync(join(CACHE, 'host-'));
  for (const name of UNDER_TEST) {
    const source = readFileSync(join(SOURCES, `${name}.ts`), 'utf8');
    const { code } = transformSync(`${name}.ts`, source, {
      typescript: { rewriteImportExtensions: 'rewrite' },
    });
    writeFileSync(join(host, `${name}.js`), code);
  }
  folder = mkdtempSync(join(tmpdir(), 'dxelab-'));
  write('lab/node_modules/@dxelab/uefi/index.js', "export const whose = 'the lab’s';");
  write('lab/node_modules/@dxelab/uefi/package.json', '{ "type": "module", "main": "index.js" }');
});
afterAll(() => {
  for (const each of [host, folder]) rmSync(each, { recursive: true });
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** What a module exports, loaded in a Node of its own as `base` names it; or the message of why not. */
function load(
  specifier: string,
  { base = join(folder, 'scenario.yaml'), lab = join(folder, 'lab/index.js') } = {},
): unknown {
  const program = `
    import { loadModule, registerTypeScript } from ${JSON.stringify(pathToFileURL(join(host, 'load-module.js')).href)};
    await registerTypeScript(${JSON.stringify(pathToFileURL(lab).href)});
    const say = (value) => console.log(JSON.stringify(value));
    try {
      say(await loadModule(${JSON.stringify(specifier)}, ${JSON.stringify(base)}));
    } catch (caught) {
      say({ name: caught.name, message: caught.message, stack: caught.stack });
    }`;
  const options = ['--input-type=module', '--eval', program];
  return JSON.parse(execFileSync(process.execPath, options, { cwd: folder, encoding: 'utf8' }));
}

describe('a module by its path', () => {
  test('in TypeScript: types are stripped, and files of its own imported', () => {
    write('half.ts', 'export const half = (of: number): number => of / 2;');
    const path = write(
      'driver.ts',
      `import type { Nowhere } from './nowhere.ts';
       import { half } from './half.ts';
       export interface Driver { readonly name: string }
       export const driver: Driver = { name: \`\${half(4)}\` };
       export const cast = (undefined as Nowhere | undefined) ?? null;`,
    );
    expect(load(path)).toEqual({ driver: { name: '2' }, cast: null });
  });

  test('in JavaScript', () => {
    expect(load(write('plain.mjs', 'export const plain = 1;'))).toEqual({ plain: 1 });
  });

  test('that is not there', () => {
    const path = join(folder, 'missing.ts');
    expect(load(path)).toMatchObject({
      name: 'HostError',
      message: `${path}: there is no such file`,
    });
  });

  test('with a syntax error: file and line', () => {
    const path = write('wrong.ts', '\n\nexport const wrong: = 3;\n');
    expect(load(path)).toMatchObject({
      name: 'SyntaxError',
      message: expect.stringMatching(/wrong\.ts: Unexpected token\n[^]*wrong\.ts:3:21/),
    });
  });

  test('with a bug: its stack names the line that the author sees', () => {
    const path = write(
      'bug.ts',
      `/** A comment that is stripped. */
interface Stripped {
  readonly too: string;
}

export function bug(_: Stripped): never {
  throw new TypeError('line 7');
}
bug({ too: '' });
`,
    );
    expect(load(path)).toMatchObject({
      message: 'line 7',
      stack: expect.stringMatching(/bug\.ts:7:9\)\n[^]*bug\.ts:9:1/),
    });
  });
});

describe('a package by its name', () => {
  const manifest = (fields: object): string => JSON.stringify({ type: 'module', ...fields });

  test('is looked for where the scenario stands, and may be for `import` alone', () => {
    write('project/node_modules/modern/package.json', manifest({ exports: { import: './m.js' } }));
    write('project/node_modules/modern/m.js', 'export const modern = true;');
    expect(load('modern', { base: join(folder, 'project/boots/disk.yaml') })).toEqual({
      modern: true,
    });
  });

  test('also if the scenario is named by a relative path', () => {
    write('node_modules/near/package.json', manifest({ main: 'n.js' }));
    write('node_modules/near/n.js', 'export const near = true;');
    expect(load('near', { base: 'scenario.yaml' })).toEqual({ near: true });
  });

  test('that is not installed', () => {
    expect(load('nowhere-to-be-found')).toMatchObject({
      message: `package "nowhere-to-be-found" is not installed where ${join(folder, 'scenario.yaml')} stands`,
    });
  });

  test('that is installed and lacks a package of its own is not said to be missing', () => {
    write('node_modules/broken/package.json', manifest({ main: 'b.js' }));
    write('node_modules/broken/b.js', "import 'not-there';");
    expect(load('broken')).toMatchObject({
      message: expect.stringMatching(/^Cannot find package 'not-there' imported from .*broken/),
    });
  });
});

describe('a package of dxelab', () => {
  const driver = "import { whose } from '@dxelab/uefi'; export const uefi: string = whose;";

  test('is the lab’s own for a driver beside which none is installed', () => {
    expect(load(write('alone/driver.ts', driver))).toEqual({ uefi: 'the lab’s' });
    expect(load('@dxelab/uefi')).toEqual({ whose: 'the lab’s' });
  });

  test('is the driver’s own if it has one', () => {
    const own = join(folder, 'own/node_modules/@dxelab/uefi');
    cpSync(join(folder, 'lab/node_modules/@dxelab/uefi'), own, { recursive: true });
    write('own/node_modules/@dxelab/uefi/index.js', "export const whose = 'its own';");
    expect(load(write('own/driver.ts', driver))).toEqual({ uefi: 'its own' });
  });

  describe('is the bundled one', () => {
    beforeAll(() => {
      write('bundle/@dxelab/uefi.js', "export const whose = 'the bundle’s';");
      cpSync(join(folder, 'lab/node_modules'), join(folder, 'node_modules'), { recursive: true });
    });
    const bundle = (): string => join(folder, 'bundle/lab-worker.js');

    test('for a driver beside which none, or the same, is installed', () => {
      expect(load(write('bundled.ts', driver), { lab: bundle() })).toEqual({
        uefi: 'the bundle’s',
      });
      expect(load('@dxelab/uefi', { lab: bundle() })).toEqual({ whose: 'the bundle’s' });
    });

    test('but not for a driver that has its own', () => {
      const own = join(folder, 'own/driver.ts');
      expect(load(own, { lab: bundle() })).toEqual({ uefi: 'its own' });
    });
  });

  test('that the lab does not have either', () => {
    expect(load(write('other.ts', "import '@dxelab/no-such';"))).toMatchObject({
      message: expect.stringMatching(/^Cannot find package '@dxelab\/no-such' .*other\.ts/),
    });
  });
});
