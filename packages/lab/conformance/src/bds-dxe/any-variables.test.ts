import * as fc from 'fast-check';
import { convertTextToDevicePath } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { bootWith, FIRST, flash, option, ordered } from './boot-variables.fixture.ts';

/** What the boot manager reads, and what drivers might leave there. */
const NAMES = [
  'Boot0000',
  'Boot0001',
  'BootFFFF',
  'BootNext',
  'BootOrder',
  'ConIn',
  'ConOut',
  'Driver0000',
  'DriverOrder',
  'ErrOut',
  'OsIndications',
  'PlatformRecovery0000',
  'PlatformRecovery0005',
  'SysPrep0000',
  'SysPrepOrder',
];
const shortOrder = fc.uint8Array({ maxLength: 6 });
/** An option with one byte changed, which is more often than not still nearly one. */
const nearlyOption = fc
  .tuple(
    fc.constantFrom(FIRST, 'PciRoot(0x7)', '\\a.efi', 'HD(1,MBR,0x1,0x1,0x1)'),
    fc.nat(),
    fc.nat(255),
  )
  .map(([path, at, byte]) => {
    const data = option(path);
    data[at % data.length] = byte;
    return data;
  });
const variables = fc.dictionary(
  fc.constantFrom(...NAMES),
  fc.oneof(shortOrder, nearlyOption, fc.uint8Array({ maxLength: 40 })),
);

describe.each(PROFILES)('whatever a store holds, %s', { timeout: 60_000 }, (profile) => {
  test('BDS comes to its end: all that is left is tried, and nothing crashes', () => {
    fc.assert(
      fc.property(variables, (given) => {
        const { ran } = bootWith(profile, flash(given));
        // a way to recover may have succeeded in its place
        expect(ran.length).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });

  test('an option of the platform that no variable can hold is booted all the same', () => {
    const devicePath = convertTextToDevicePath(FIRST);
    const bootOptions = [{ description: 'with a \0', devicePath }];
    const { ran } = bootWith(profile, flash(ordered('Boot')), undefined, { bootOptions });
    expect(ran[0]).toBe('with a \0');
  });
});
