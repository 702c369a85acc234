import { englishDxe } from '@dxelab/english-dxe';
import { UnicodeCollation2Protocol, UnicodeCollationProtocol } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { expect, test } from 'vitest';
import { BootWorld } from '../boot/boot-world.fixture.ts';
import { isBootLoader } from './example.fixture.ts';

test('the example finds a boot loader', () => {
  expect(isBootLoader).toBe(true);
});

test.each(PROFILES)('both protocols are there, each with its languages, %s', (profile) => {
  const { core } = new BootWorld({ profile });
  core.dispatch();
  const bs = core.systemTable.bootServices;
  expect(bs.locateProtocol(UnicodeCollation2Protocol).supportedLanguages).toBe('en');
  expect(bs.locateProtocol(UnicodeCollationProtocol).supportedLanguages).toBe('eng');
});

test('EnglishDxe.Latin1Letters: Greek has no upper case', () => {
  const upper = (inForce: boolean) => {
    const { core } = new BootWorld({ quirks: { 'EnglishDxe.Latin1Letters': inForce } });
    core.dispatch();
    return core.systemTable.bootServices.locateProtocol(UnicodeCollation2Protocol).strUpr('äω');
  };
  expect([upper(false), upper(true)]).toEqual(['ÄΩ', 'Äω']);
});

test.each(PROFILES)('FatDxe compares names by the collation that is installed, %s', (profile) => {
  const asked: string[] = [];
  const spy: DxeModule = {
    ...englishDxe,
    name: 'SpyDxe',
    fileGuid: '00000000-0000-4000-8000-000000000077',
    entryPoint(_handle, { bootServices }) {
      const collation = bootServices.locateProtocol(UnicodeCollation2Protocol);
      const strUpr = collation.strUpr.bind(collation);
      Object.assign(collation, {
        strUpr: (text: string) => {
          asked.push(text);
          return strUpr(text);
        },
      });
    },
  };
  const world = new BootWorld({ profile, drivers: [spy] });
  world.boot();
  expect(asked).toContain('EFI');
});
