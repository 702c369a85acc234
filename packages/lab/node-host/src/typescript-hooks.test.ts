import { mkdtempSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import type { ResolveFnOutput } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { typeScriptHooks } from './typescript-hooks.ts';

/** What Node says of an import, but for who imports. */
const CONTEXT = { conditions: [], importAssertions: {}, importAttributes: {} };

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'dxelab-hooks-')));
  write('node_modules/@dxelab/uefi/package.json', '{ "main": "index.js" }');
  write('node_modules/@dxelab/uefi/index.js', '');
  write('lab/@dxelab/uefi.js', '');
  write('driver.ts', 'export const half = (of: number): number => of / 2;');
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

const url = (name: string): string => pathToFileURL(join(folder, name)).href;
const installed = (): string => url('node_modules/@dxelab/uefi/index.js');
/** What Node answers next: at once, as hooks in the same thread are asked, or later. */
const found = (at: string) => (): ResolveFnOutput => ({ url: at });
const missing = (): never => {
  throw new Error('nowhere');
};

/** How an import of the lab's package by a driver is resolved, when Node resolves it so. */
function resolve(
  next: () => ResolveFnOutput | Promise<ResolveFnOutput>,
  parent = 'driver.ts',
): unknown {
  const context = { ...CONTEXT, parentURL: url(parent) };
  return typeScriptHooks(url('lab/worker.js')).resolve('@dxelab/uefi', context, next);
}

describe('hooks in the thread that imports, of Node 22.15 and later', () => {
  test('answer at once', () => {
    const bundled = { url: url('lab/@dxelab/uefi.js'), format: 'module', shortCircuit: true };
    expect(resolve(found(installed()))).toEqual(bundled);
    expect(resolve(missing)).toEqual(bundled);
    expect(resolve(found(url('own.js')))).toEqual({ url: url('own.js') });
  });

  test("are not asked by the lab itself, whose question is Node's to answer", () => {
    expect(resolve(found(installed()), 'lab/worker.js')).toEqual({ url: installed() });
  });

  test('strip types at once', () => {
    const { load } = typeScriptHooks(url('lab/worker.js'));
    const context = { ...CONTEXT, format: undefined };
    const loaded = load(url('driver.ts'), context, missing);
    expect(loaded).toMatchObject({
      format: 'module',
      source: expect.stringMatching(/^export const half = \(of\) => of \/ 2;\n/),
    });
    expect(() => load(url('driver.js'), context, missing)).toThrow('nowhere');
  });
});

test('hooks in a thread of their own wait for the answer, the same otherwise', async () => {
  const bundled = { url: url('lab/@dxelab/uefi.js') };
  expect(await resolve(async () => found(installed())())).toMatchObject(bundled);
  expect(await resolve(async () => missing())).toMatchObject(bundled);
  expect(await resolve(async () => found(url('own.js'))())).toEqual({ url: url('own.js') });
});
