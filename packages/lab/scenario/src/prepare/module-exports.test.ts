import { guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { describeExports, modulesIn } from './module-exports.ts';

function module(name: string): DxeModule {
  return {
    name,
    fileGuid: guid('11111111-2222-3333-4444-555555555555'),
    moduleType: 'UEFI_DRIVER',
    entryPoint() {},
  };
}

describe('the modules that a file exports', () => {
  test('by themselves, in arrays, and each once', () => {
    const [one, two] = [module('One'), module('Two')];
    expect(modulesIn({ default: one, one, both: [one, two, 3], other: 'text' })).toEqual([
      one,
      two,
    ]);
  });

  test.each([[undefined], [null], [5], [{}], [{ driver: {} }]])('none in %j', (namespace) => {
    expect(modulesIn(namespace)).toEqual([]);
  });
});

describe('what a file exports instead', () => {
  const { fileGuid: _fileGuid, ...nameless } = module('NoGuid');
  test.each([
    [{}, 'it exports nothing'],
    [{ main() {}, version: 3 }, "it exports 'main' (a function), 'version' (a number)"],
    [{ driver: nameless }, "it exports 'driver' (an object without fileGuid)"],
    [{ driver: {}, all: [] }, "it exports 'driver' (an object), 'all' (an array without a module)"],
    [
      { driver: { ...module('x'), fileGuid: 7 } },
      "it exports 'driver' (an object like a module, with a member of a wrong type)",
    ],
  ])('%j', (namespace, text) => {
    expect(describeExports(namespace)).toBe(text);
  });
});
