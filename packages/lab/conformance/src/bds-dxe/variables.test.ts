import type { EfiBootServices } from '@dxelab/uefi';
import {
  convertDevicePathToText,
  convertTextToDevicePath,
  EFI_GLOBAL_VARIABLE,
  guidToBytes,
  LOAD_OPTION_ACTIVE,
  LOAD_OPTION_CATEGORY_APP,
  LOAD_OPTION_FORCE_RECONNECT,
  LoadedImageProtocol,
  readLoadOption,
  writeLoadOptionOrder,
} from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import type { MemoryStorage } from '@dxelab/variable-runtime-dxe';
import { describe, expect, test } from 'vitest';
import type { BootWorldOptions } from '../boot/boot-world.fixture.ts';
import type { Running } from '../boot/programs.fixture.ts';
import type { Booted } from './boot-variables.fixture.ts';
import {
  bootWith,
  dataIn,
  FIRST,
  flash,
  numberIn,
  option,
  ordered,
  SECOND,
  stored,
} from './boot-variables.fixture.ts';

/** The disk that an image was loaded from. */
function diskOf(bs: EfiBootServices, { imageHandle }: Running): string {
  const { filePath, deviceHandle } = bs.handleProtocol(imageHandle, LoadedImageProtocol);
  if (deviceHandle === undefined || filePath === undefined) return 'nowhere';
  return deviceHandle.number.toString();
}

describe.each(PROFILES)('Boot options from variables (UEFI §3.1), %s', (profile) => {
  const run = (
    variables?: MemoryStorage,
    look?: (running: Running) => unknown,
    more?: BootWorldOptions,
  ): Booted => bootWith(profile, variables, look, more);

  test('BootOrder says in which order; then comes the removable media file of each volume', () => {
    const { ran } = run(flash(ordered('Boot', option(SECOND), option(FIRST))));
    expect(ran).toEqual([SECOND, FIRST, 'removable media', 'removable media']);
  });

  test('BootCurrent is the number of the option that runs, and of none afterwards', () => {
    const look = (running: Running): unknown => numberIn(running, 'BootCurrent');
    const variables = { ...ordered('Boot', option(SECOND)), Boot0042: option(FIRST) };
    const { seen } = run(flash({ ...variables, BootNext: writeLoadOptionOrder([0x42]) }), look);
    expect(seen).toEqual([0x42, 0, undefined, undefined]);
  });

  test('BootNext goes first, once, and is gone when it runs', () => {
    const variables = {
      ...ordered('Boot', option(FIRST)),
      Boot0042: option(SECOND, { attributes: 0 }),
      BootNext: writeLoadOptionOrder([0x42]),
    };
    const storage = flash(variables);
    const { ran, seen } = run(storage, (running) => numberIn(running, 'BootNext'));
    expect(ran.slice(0, 2)).toEqual([SECOND, FIRST]);
    expect(seen[0]).toBeUndefined();
    expect(run(storage).ran.slice(0, 1)).toEqual([FIRST]);
  });

  test('what the platform says comes behind BootNext and before BootOrder', () => {
    const bootOptions = [{ description: 'platform', devicePath: convertTextToDevicePath(FIRST) }];
    const variables = {
      ...ordered('Boot', option(FIRST)),
      Boot0042: option(SECOND),
      BootNext: writeLoadOptionOrder([0x42]),
    };
    expect(run(flash(variables), undefined, { bootOptions }).ran.slice(0, 3)).toEqual([
      SECOND,
      'platform',
      FIRST,
    ]);
  });

  test('what is not active, or an application, is not started', () => {
    const variables = ordered(
      'Boot',
      option(FIRST, { attributes: 0 }),
      option(FIRST, { attributes: LOAD_OPTION_ACTIVE | LOAD_OPTION_CATEGORY_APP }),
      option(SECOND),
    );
    expect(run(flash(variables)).ran[0]).toBe(SECOND);
  });

  test('an option gets its optional data as load options', () => {
    const optionalData = Uint8Array.of(1, 2, 3);
    const look = ({ bs, imageHandle }: Running): unknown =>
      bs.handleProtocol(imageHandle, LoadedImageProtocol).loadOptions;
    const { seen } = run(flash(ordered('Boot', option(FIRST, { optionalData }))), look);
    expect(seen[0]).toEqual(optionalData);
  });

  test('numbers without an option leave BootOrder for good', () => {
    const storage = flash({
      ...ordered('Boot', option(SECOND)),
      BootOrder: writeLoadOptionOrder([7, 0, 8]),
    });
    expect(run(storage).ran[0]).toBe(SECOND);
    expect(stored(storage, 'BootOrder')).toEqual(writeLoadOptionOrder([0]));
  });

  test('an option that cannot be read leaves BootOrder, and its variable goes', () => {
    const storage = flash({ ...ordered('Boot', option(FIRST), Uint8Array.of(1)) });
    expect(run(storage).ran[0]).toBe(FIRST);
    expect(stored(storage, 'BootOrder')).toEqual(writeLoadOptionOrder([0]));
    expect(stored(storage, 'Boot0001')).toBeUndefined();
  });

  test('BootNext of two numbers, or without its option, is no option (§3.3)', () => {
    for (const numbers of [[0, 0], [0x99], []]) {
      const BootNext = writeLoadOptionOrder(numbers);
      const { ran } = run(flash({ ...ordered('Boot', option(SECOND)), BootNext }));
      expect(ran[0]).toBe(SECOND);
    }
  });

  test('BootNext is noted before drivers run: what they write is for the next boot', () => {
    const variables = {
      ...ordered('Driver', option(FIRST, { description: 'driver' })),
      ...ordered('Boot', option(FIRST), option(SECOND)),
      BootOrder: writeLoadOptionOrder([0]),
    };
    const storage = flash(variables);
    let images = 0;
    const look = ({ systemTable }: Running): void => {
      images += 1;
      if (images > 1) return;
      const next = writeLoadOptionOrder([1]);
      systemTable.runtimeServices.setVariable('BootNext', EFI_GLOBAL_VARIABLE, 7, next);
    };
    expect(run(storage, look).ran.slice(0, 2)).toEqual(['driver', FIRST]);
    expect(run(storage).ran.slice(0, 3)).toEqual(['driver', SECOND, FIRST]);
  });

  test('an option of the platform has a Boot#### while it runs, which BootCurrent names (§3.3)', () => {
    const storage = flash(ordered('Boot', option(SECOND)));
    const optionalData = Uint8Array.of(7);
    const devicePath = convertTextToDevicePath(FIRST);
    const bootOptions = [{ description: 'platform', devicePath, optionalData }];
    const look = (running: Running): unknown => [
      numberIn(running, 'BootCurrent'),
      readLoadOption(dataIn(running, 'Boot0001') ?? new Uint8Array(0)).value,
    ];
    const { seen } = run(storage, look, { bootOptions });
    expect(seen[0]).toEqual([
      1,
      { attributes: 1, description: 'platform', filePathList: [devicePath], optionalData },
    ]);
    expect(stored(storage, 'Boot0001') !== undefined).toBe(profile === 'edk2');
  });

  test('an option that BootOrder does not name loses its Boot#### to one of the platform only in EDK II', () => {
    const Boot0000 = option(SECOND);
    const storage = flash({ Boot0000 });
    const bootOptions = [{ description: 'platform', devicePath: convertTextToDevicePath(FIRST) }];
    const current = (running: Running): unknown => numberIn(running, 'BootCurrent');
    const { seen } = run(storage, current, { bootOptions });
    expect(seen[0]).toBe(profile === 'edk2' ? 0 : 1);
    const isThere = JSON.stringify(stored(storage, 'Boot0000')) === JSON.stringify(Boot0000);
    expect(isThere).toBe(profile === 'specification');
  });

  test('an option of the platform that is among the variables has its number already', () => {
    const storage = flash(ordered('Boot', option(SECOND), option(FIRST)));
    const bootOptions = [{ description: FIRST, devicePath: convertTextToDevicePath(FIRST) }];
    const current = (running: Running): unknown => numberIn(running, 'BootCurrent');
    expect(run(storage, current, { bootOptions }).seen[0]).toBe(1);
    expect(stored(storage, 'Boot0001')).toEqual(option(FIRST));
  });

  test('the image of an option has no parent: the boot manager is none (§9.1)', () => {
    const look = ({ bs, imageHandle }: Running): unknown =>
      bs.handleProtocol(imageHandle, LoadedImageProtocol).parentHandle;
    expect(run(flash(ordered('Boot', option(FIRST))), look).seen[0]).toBeUndefined();
  });

  test('what EDK II marks options with that it has made of devices is no load option', () => {
    const optionalData = guidToBytes('8108ac4e-9f11-4d59-850e-e21a522c59b2');
    const look = ({ bs, imageHandle }: Running): unknown =>
      bs.handleProtocol(imageHandle, LoadedImageProtocol).loadOptions;
    const { seen } = run(flash(ordered('Boot', option(FIRST, { optionalData }))), look);
    expect(seen[0]).toEqual(new Uint8Array(0));
  });

  test('consoles that are no device paths make room for that of the platform', () => {
    const ConIn = convertTextToDevicePath(FIRST);
    const storage = flash({ ConIn, ConOut: Uint8Array.of(1, 2, 3) });
    run(storage);
    expect(stored(storage, 'ConIn')).toEqual(ConIn);
    const console = stored(storage, 'ConOut') ?? new Uint8Array(0);
    expect(convertDevicePathToText(console)).toContain('/Uart(115200,8,N,1)/VenMsg(');
  });

  test('an option that fails is told, and the next one is tried', () => {
    const { ran, world } = run(flash(ordered('Boot', option('PciRoot(0x9)'), option(FIRST))));
    expect(world.attempts[0]).toMatchObject({
      description: 'PciRoot(0x9)',
      status: 'EFI_NOT_FOUND',
    });
    expect(ran[0]).toBe(FIRST);
  });

  test('Driver#### and SysPrep#### run before any boot option', () => {
    const variables = {
      ...ordered('Boot', option(FIRST, { description: 'boot' })),
      ...ordered('SysPrep', option(FIRST, { description: 'sysprep' })),
      ...ordered(
        'Driver',
        option(FIRST, { description: 'inactive', attributes: 0 }),
        option(FIRST, { description: 'driver' }),
      ),
    };
    const look = (running: Running): unknown => numberIn(running, 'BootCurrent');
    const { ran, seen } = run(flash(variables), look);
    expect(ran.slice(0, 3)).toEqual(['driver', 'sysprep', 'boot']);
    expect(seen.slice(0, 3)).toEqual([undefined, undefined, 0]);
  });

  test('LOAD_OPTION_FORCE_RECONNECT has all drivers make room and be connected anew', () => {
    const attributes = LOAD_OPTION_ACTIVE | LOAD_OPTION_FORCE_RECONNECT;
    const variables = {
      ...ordered('Driver', option(FIRST, { attributes })),
      ...ordered('Boot', option(FIRST)),
    };
    const look = (running: Running): unknown => diskOf(running.bs, running);
    const { seen } = run(flash(variables), look);
    // The volume was made anew: it has another handle than when the driver was loaded from it.
    expect(seen[0]).not.toBe(seen[1]);
    expect(seen[1]).toBe(seen[2]);
  });

  test('BootOptionSupport and OsIndicationsSupported say what there is (§3.1.4, §8.5.4)', () => {
    const { seen } = run(flash({}), ({ systemTable }) =>
      ['BootOptionSupport', 'OsIndicationsSupported'].map((name) => [
        ...systemTable.runtimeServices.getVariable(name, EFI_GLOBAL_VARIABLE).data,
      ]),
    );
    expect(seen[0]).toEqual([
      [0x13, 3, 0, 0],
      [0x41, 0, 0, 0, 0, 0, 0, 0],
    ]);
  });

  test('a short form in a variable is found on the disk that has it (§3.1.2)', () => {
    const partition = 'HD(1,GPT,64e1ab00-0000-4000-8000-0000000000e5,0x800,0x17df)';
    const { world } = run(flash(ordered('Boot', option(`${partition}/\\EFI\\BOOT\\BOOTX64.EFI`))));
    const path = convertTextToDevicePath(`${FIRST}/${partition}/\\EFI\\BOOT\\BOOTX64.EFI`);
    expect(world.attempts[0]?.devicePath).toBe(convertDevicePathToText(path));
  });
});

describe('Timeout (UEFI §3.3)', () => {
  const timed = (profile: Profile, seconds: number): { time: number; timeout: unknown } => {
    const storage = flash({
      ...ordered('Boot', option(FIRST)),
      Timeout: writeLoadOptionOrder([seconds]),
    });
    const { seen, world } = bootWith(profile, storage, (running) => numberIn(running, 'Timeout'));
    return { time: world.machine.platform.cycles.now, timeout: seen[0] };
  };

  test('is waited for, in seconds', () => {
    const waited = (timed('specification', 3).time - timed('specification', 0).time) / 1e9;
    expect(waited).toBeGreaterThan(2.9);
    expect(waited).toBeLessThan(3.1);
    expect(timed('specification', 3).timeout).toBe(3);
  });

  test('becomes what OVMF was built with, and is no time: BdsDxe.TimeoutFromPlatform', () => {
    expect(timed('edk2', 3)).toEqual(timed('edk2', 0));
    expect(timed('edk2', 3).timeout).toBe(0);
  });
});
