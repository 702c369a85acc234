import type { EfiBootServices, LoadOption, LoadOptionType } from '@dxelab/uefi';
import {
  convertDevicePathToText,
  convertTextToDevicePath,
  EFI_GLOBAL_VARIABLE,
  EFI_VARIABLE_BOOTSERVICE_ACCESS,
  EFI_VARIABLE_NON_VOLATILE,
  EFI_VARIABLE_RUNTIME_ACCESS,
  efiStatusOf,
  LOAD_OPTION_ACTIVE,
  LOAD_OPTION_CATEGORY_APP,
  LOAD_OPTION_FORCE_RECONNECT,
  LoadedImageProtocol,
  loadOptionName,
  readLoadOptionOrder,
  writeLoadOption,
  writeLoadOptionOrder,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { MemoryStorage, VariableStore } from '@dxelab/variable-runtime-dxe';
import { describe, expect, test } from 'vitest';
import { BootWorld, virtioDisk } from '../boot/boot-world.fixture.ts';
import type { Running } from '../boot/programs.fixture.ts';
import { application } from '../boot/programs.fixture.ts';

const NV_BS_RT =
  EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS;
const FIRST = 'PciRoot(0x0)/Pci(0x2,0x0)';
const SECOND = 'PciRoot(0x0)/Pci(0x3,0x0)';

/** A flash with these variables of the specification. */
function flash(variables: Readonly<Record<string, Uint8Array>>): MemoryStorage {
  const storage = new MemoryStorage(0x20000);
  const store = new VariableStore(storage);
  for (const [name, data] of Object.entries(variables)) {
    const timeStamp = new Uint8Array(16);
    store.put({ name, vendor: EFI_GLOBAL_VARIABLE, attributes: NV_BS_RT, data, timeStamp });
  }
  return storage;
}

function option(path: string, more: Partial<LoadOption> = {}): Uint8Array {
  return writeLoadOption({
    attributes: LOAD_OPTION_ACTIVE,
    description: path,
    filePathList: [convertTextToDevicePath(path)],
    optionalData: new Uint8Array(0),
    ...more,
  });
}

/** Options of a type with their order: `{ Boot0001: …, BootOrder: … }`. */
function ordered(
  type: LoadOptionType,
  ...options: readonly Uint8Array[]
): Record<string, Uint8Array> {
  const variables = options.map((data, number) => [loadOptionName(type, number), data]);
  const order = writeLoadOptionOrder(options.map((_data, number) => number));
  return { ...Object.fromEntries(variables), [`${type}Order`]: order };
}

/** The number in a variable of two bytes; `undefined` if it is not there. */
function numberIn({ systemTable }: Running, name: string): number | undefined {
  try {
    const { data } = systemTable.runtimeServices.getVariable(name, EFI_GLOBAL_VARIABLE);
    return readLoadOptionOrder(data).value?.[0];
  } catch (caught) {
    if (efiStatusOf(caught) === 'EFI_NOT_FOUND') return undefined;
    throw caught;
  }
}

/** The disk that an image was loaded from. */
function diskOf(bs: EfiBootServices, { imageHandle }: Running): string {
  const { filePath, deviceHandle } = bs.handleProtocol(imageHandle, LoadedImageProtocol);
  if (deviceHandle === undefined || filePath === undefined) return 'nowhere';
  return deviceHandle.number.toString();
}

describe.each(PROFILES)('Boot options from variables (UEFI §3.1), %s', (profile) => {
  /** Boots two equal disks with these variables; tells the description of each option that ran. */
  function run(
    variables: MemoryStorage,
    look: (running: Running) => unknown = (): void => {},
    more: Partial<ConstructorParameters<typeof BootWorld>[0]> = {},
  ): { ran: string[]; seen: unknown[]; world: BootWorld } {
    const seen: unknown[] = [];
    const standIn = application((running) => void seen.push(look(running)));
    const slots = { '02.0': virtioDisk(), '03.0': virtioDisk() };
    const world = new BootWorld({ profile, standIn, slots, variables, ...more });
    world.bootTo('stopped');
    const ran = world.attempts
      .filter(({ status }) => status === 'EFI_SUCCESS')
      .map(({ description }) => description);
    return { ran, seen, world };
  }

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
    const order = new VariableStore(storage).variables.get('BootOrder', EFI_GLOBAL_VARIABLE);
    expect(readLoadOptionOrder(order?.data ?? new Uint8Array(0)).value).toEqual([0]);
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

  test('Timeout is waited for, in seconds', () => {
    const time = (seconds: number): number => {
      const storage = flash({
        ...ordered('Boot', option(FIRST)),
        Timeout: writeLoadOptionOrder([seconds]),
      });
      const { world } = run(storage);
      return world.machine.platform.cycles.now;
    };
    const waited = (time(3) - time(0)) / 1e9;
    expect(waited).toBeGreaterThan(2.9);
    expect(waited).toBeLessThan(3.1);
    expect(time(0xffff)).toBeLessThan(time(3));
  });

  test('BootOptionSupport says what there is (§3.1.4)', () => {
    const { seen } = run(flash({}), ({ systemTable }) => [
      ...systemTable.runtimeServices.getVariable('BootOptionSupport', EFI_GLOBAL_VARIABLE).data,
    ]);
    expect(seen[0]).toEqual([0x10, 0, 0, 0]);
  });

  test('a short form in a variable is found on the disk that has it (§3.1.2)', () => {
    const partition = 'HD(1,GPT,64e1ab00-0000-4000-8000-0000000000e5,0x800,0x17df)';
    const { world } = run(flash(ordered('Boot', option(`${partition}/\\EFI\\BOOT\\BOOTX64.EFI`))));
    const path = convertTextToDevicePath(`${FIRST}/${partition}/\\EFI\\BOOT\\BOOTX64.EFI`);
    expect(world.attempts[0]?.devicePath).toBe(convertDevicePathToText(path));
  });
});
