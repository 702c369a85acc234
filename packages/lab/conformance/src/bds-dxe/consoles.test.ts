import {
  convertDevicePathToText,
  convertTextToDevicePath,
  devicePathInstances,
  EFI_VT_UTF8_GUID,
} from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import type { Running } from '../boot/programs.fixture.ts';
import {
  bootWith,
  dataIn,
  FIRST,
  flash,
  option,
  ordered,
  stored,
} from './boot-variables.fixture.ts';

const LINE = 'VenHw(d3987d4b-971a-435f-8caf-4967eb627241)/Uart(115200,8,N,1)';
const TERMINAL = `${LINE}/VenMsg(${EFI_VT_UTF8_GUID})`;
/** As OVMF writes it: nothing of it is on this machine. */
const OF_OVMF =
  'PciRoot(0x0)/Pci(0x1f,0x0)/Serial(0x0)/Uart(115200,8,N,1)/VenMsg(e0c14753-f9be-11d2-9a0c-0090273fc14d)';
const CONSOLES = ['ConIn', 'ConOut', 'ErrOut'] as const;

function paths(data: Uint8Array | undefined): readonly string[] {
  return data === undefined
    ? []
    : devicePathInstances(data).map((one) => convertDevicePathToText(one));
}

/** A loader that says something, and looks at variables. */
function boot(profile: Profile, variables: Readonly<Record<string, Uint8Array>>) {
  const storage = flash({ ...ordered('Boot', option(FIRST)), ...variables });
  const { seen, world } = bootWith(profile, storage, (running: Running) => {
    running.systemTable.conOut?.outputString('heard');
    running.systemTable.stdErr?.outputString('!');
    const names = [...CONSOLES, 'ConInDev', 'ConOutDev', 'ErrOutDev'];
    return Object.fromEntries(names.map((name) => [name, paths(dataIn(running, name))]));
  });
  return { storage, seen: seen[0], shown: world.console };
}

describe.each(PROFILES)('Consoles (UEFI §3.3), %s', (profile) => {
  test('where nobody has chosen any, it is the terminal on the serial port, and the choice lasts', () => {
    const { storage, seen, shown } = boot(profile, {});
    const all = [...CONSOLES, 'ConInDev', 'ConOutDev', 'ErrOutDev'];
    expect(seen).toEqual(Object.fromEntries(all.map((name) => [name, [TERMINAL]])));
    for (const name of CONSOLES) expect(paths(stored(storage, name))).toEqual([TERMINAL]);
    expect(stored(storage, 'ConOutDev')).toBeUndefined();
    expect(shown).toMatch(/^(?:heard!)+$/);
  });

  test('consoles of another machine stay, and that of the platform is added', () => {
    const foreign = convertTextToDevicePath(OF_OVMF);
    const { storage, shown } = boot(profile, { ConOut: foreign });
    expect(paths(stored(storage, 'ConOut'))).toEqual([convertDevicePathToText(foreign), TERMINAL]);
    expect(shown).toMatch(/^(?:heard!)+$/);
  });

  test('one that is chosen for nothing but errors shows errors only', () => {
    const { shown } = boot(profile, {
      ConOut: convertTextToDevicePath(LINE),
      ErrOut: convertTextToDevicePath(TERMINAL),
    });
    expect(shown).toMatch(/^!+$/);
  });
});

describe('Languages (UEFI §3.3)', () => {
  const text = (data: Uint8Array | undefined): string | undefined =>
    data && new TextDecoder().decode(data);
  const NAMES = ['PlatformLangCodes', 'PlatformLang', 'LangCodes', 'Lang'];

  function languages(profile: Profile, variables: Readonly<Record<string, Uint8Array>> = {}) {
    const storage = flash({ ...ordered('Boot', option(FIRST)), ...variables });
    const { seen } = bootWith(profile, storage, (running) =>
      NAMES.map((name) => text(dataIn(running, name))),
    );
    return { seen: seen[0], lasting: NAMES.map((name) => text(stored(storage, name))) };
  }

  test('English, which is what modules have names in', () => {
    const { seen, lasting } = languages('specification');
    expect(seen).toEqual(['en\0', 'en\0', undefined, undefined]);
    expect(lasting).toEqual([undefined, 'en\0', undefined, undefined]);
  });

  test('BdsDxe.LanguagesOfPcds: those of a build of EDK II, the old variables too', () => {
    const { seen, lasting } = languages('edk2');
    expect(seen).toEqual(['en;fr;en-US;fr-FR\0', 'en-US\0', 'engfraengfra\0', 'eng\0']);
    expect(lasting).toEqual([undefined, 'en-US\0', undefined, 'eng\0']);
  });

  test('a language that there is stays chosen, another one does not', () => {
    const chosen = (language: string) => ({
      PlatformLang: new TextEncoder().encode(`${language}\0`),
    });
    expect(languages('edk2', chosen('fr-FR')).lasting[1]).toBe('fr-FR\0');
    expect(languages('edk2', chosen('de')).lasting[1]).toBe('en-US\0');
    expect(languages('specification', chosen('fr-FR')).lasting[1]).toBe('en\0');
  });
});
