import {
  BlockIoProtocol,
  convertTextToDevicePath,
  EFI_END_OF_DXE_EVENT_GROUP,
  EFI_EVENT_GROUP_READY_TO_BOOT,
  EFI_GLOBAL_VARIABLE,
  EFI_VARIABLE_BOOTSERVICE_ACCESS,
  EFI_VARIABLE_RUNTIME_ACCESS,
  EVT_NOTIFY_SIGNAL,
  PciIoProtocol,
  readLoadOption,
  TPL_CALLBACK,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import type { Running } from '../boot/programs.fixture.ts';
import { driver } from '../boot/programs.fixture.ts';
import {
  bootWith,
  dataIn,
  FIRST,
  flash,
  option,
  ordered,
  SECOND,
  stored,
} from './boot-variables.fixture.ts';

const BS_RT = EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS;
const DEFAULT = convertTextToDevicePath('\\EFI\\BOOT\\BOOTX64.EFI');

/** A driver that offers these ways to recover, when it is dispatched. */
function recovery(options: Readonly<Record<string, Uint8Array>>) {
  return driver(({ systemTable }) => {
    for (const [name, data] of Object.entries(options)) {
      systemTable.runtimeServices.setVariable(name, EFI_GLOBAL_VARIABLE, BS_RT, data);
    }
  });
}

const indications = (bits: number): Uint8Array => Uint8Array.of(bits, 0, 0, 0, 0, 0, 0, 0);

describe.each(PROFILES)('Platform recovery (UEFI §3.4, §8.5.4), %s', (profile) => {
  test('the removable media file is the default, and has a variable of its own (§3.4.2)', () => {
    const look = (running: Running): unknown =>
      readLoadOption(dataIn(running, 'PlatformRecovery0000') ?? new Uint8Array(0)).value;
    const { ran, seen } = bootWith(profile, undefined, look);
    expect(ran).toEqual(['removable media', 'removable media']);
    expect(seen[0]).toMatchObject({ attributes: 1, filePathList: [DEFAULT] });
  });

  test('another option goes first, by its number, and the first success ends it', () => {
    const drivers = [
      recovery({
        PlatformRecovery0001: option(FIRST, { description: 'one' }),
        PlatformRecovery0003: option(FIRST, { description: 'three' }),
        PlatformRecovery0002: option('PciRoot(0x7)', { description: 'two' }),
        PlatformRecovery0000: option(SECOND, { attributes: 0, description: 'inactive' }),
      }),
    ];
    const { ran } = bootWith(profile, flash(ordered('Boot', option(SECOND))), undefined, {
      drivers,
    });
    expect(ran).toEqual([SECOND, 'one']);
  });

  test('when none of them succeeds, the default is tried', () => {
    const drivers = [recovery({ PlatformRecovery0000: option('PciRoot(0x7)') })];
    const look = (running: Running): unknown => dataIn(running, 'PlatformRecovery0001')?.length;
    const { ran, seen } = bootWith(profile, flash({}), look, { drivers });
    expect(ran).toEqual(['removable media', 'removable media']);
    expect(seen[0]).toBeGreaterThan(0);
  });

  test('OsIndications asks for it in place of a boot, once', () => {
    const storage = flash({
      ...ordered('Boot', option(FIRST)),
      ...ordered('SysPrep', option(FIRST)),
      OsIndications: indications(0x40),
    });
    expect(bootWith(profile, storage).ran).toEqual(['removable media', 'removable media']);
    expect(stored(storage, 'OsIndications')).toEqual(indications(0));
    expect(bootWith(profile, storage).ran.slice(0, 2)).toEqual([FIRST, FIRST]);
  });

  test('OsIndications that ask for what there is not are deleted', () => {
    const variables = { ...ordered('Boot', option(SECOND)), OsIndications: indications(0x44) };
    const storage = flash(variables);
    expect(bootWith(profile, storage).ran[0]).toBe(SECOND);
    expect(stored(storage, 'OsIndications')).toBeUndefined();
  });
});

describe.each(PROFILES)('Event groups of a boot, %s', (profile) => {
  test('EndOfDxe comes once, when PCI is enumerated and no PCI driver is started (PI Vol. 2 §5.1.2.1)', () => {
    const told: string[] = [];
    const listener = driver(({ bs }) => {
      const count = (protocol: typeof BlockIoProtocol | typeof PciIoProtocol): number =>
        bs.locateHandleBuffer({ type: 'ByProtocol', protocol }).length;
      const listen = (what: string, group: string): void => {
        const tell = (): void => {
          told.push(
            `${what}: ${count(PciIoProtocol) > 0}, ${safely(() => count(BlockIoProtocol)) > 0}`,
          );
        };
        bs.createEventEx(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, tell, undefined, group);
      };
      listen('end of DXE', EFI_END_OF_DXE_EVENT_GROUP);
      listen('ready to boot', EFI_EVENT_GROUP_READY_TO_BOOT);
    });
    const variables = {
      ...ordered('Driver', option(FIRST, { description: 'driver' })),
      ...ordered('SysPrep', option(FIRST, { description: 'sysprep' })),
      ...ordered('Boot', option(FIRST)),
    };
    bootWith(profile, flash(variables), () => told.push('image'), { drivers: [listener] });
    // Drivers and what prepares the system are no attempts to boot (§7.1.2).
    expect(told.slice(0, 5)).toEqual([
      'end of DXE: true, false',
      'image',
      'image',
      'ready to boot: true, true',
      'image',
    ]);
    expect(told.filter((what) => what.startsWith('end of DXE'))).toHaveLength(1);
  });
});

/** LocateHandleBuffer throws where there is nothing. */
function safely(count: () => number): number {
  try {
    return count();
  } catch {
    return 0;
  }
}
