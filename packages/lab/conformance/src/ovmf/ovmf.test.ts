import { ovmf } from '@dxelab/ovmf';
import { isDxeModule } from '@dxelab/uefi-lib';
import { expect, test } from 'vitest';
import { bootNothing } from './example.fixture.ts';

test('a machine with nothing to boot from stops, and says so', () => {
  expect(bootNothing()).toMatch(/^stopped: /);
});

test('each module is there once, with a FILE_GUID of its own', () => {
  const modules = ovmf();
  expect(modules.every(isDxeModule)).toBe(true);
  for (const member of ['name', 'fileGuid'] as const) {
    expect(new Set(modules.map((module) => module[member])).size).toBe(modules.length);
  }
});

test('two firmwares share nothing but the modules', () => {
  expect(ovmf()).not.toBe(ovmf());
});
