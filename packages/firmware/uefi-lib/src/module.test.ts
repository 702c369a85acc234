import { guid } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { helloDxe } from './hello-dxe.fixture.ts';
import type { DxeModule } from './module.ts';
import { isDxeModule } from './module.ts';

describe('isDxeModule: what a file of a user exports', () => {
  test('a module is one, with or without hardware and dependency expression', () => {
    const hardware: DxeModule = {
      name: 'IoDxe',
      fileGuid: guid('6987936e-ed34-44db-ae97-1fa5e4ed2117'),
      moduleType: 'DXE_DRIVER',
      depex: { op: 'TRUE' },
      hardware: true,
      entryPoint() {},
    };
    expect([helloDxe, hardware].every(isDxeModule)).toBe(true);
  });

  test.each(['name', 'fileGuid', 'moduleType', 'entryPoint'])('without %s it is none', (member) => {
    expect(isDxeModule({ ...helloDxe, [member]: undefined })).toBe(false);
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'helloDxe'],
    ['an entry point alone', helloDxe.entryPoint],
    ['an entry point that cannot be called', { ...helloDxe, entryPoint: 'main' }],
  ])('%s is none', (_what, value) => {
    expect(isDxeModule(value)).toBe(false);
  });
});
