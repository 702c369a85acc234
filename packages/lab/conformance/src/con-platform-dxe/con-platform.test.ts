import type { DevicePath } from '@dxelab/uefi';
import {
  ConsoleInDeviceProtocol,
  ConsoleOutDeviceProtocol,
  convertDevicePathToText,
  convertTextToDevicePath,
  EFI_OPEN_PROTOCOL_TEST_PROTOCOL,
  protocolInterface,
  SimpleTextOutputProtocol,
  StandardErrorDeviceProtocol,
} from '@dxelab/uefi';
import type { EfiHandle, Protocol } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { ConsoleWorld, TestScreen } from '../con-splitter-dxe/console-world.fixture.ts';
import { possibleScreens } from './example.fixture.ts';

const SCREEN = convertTextToDevicePath('PciRoot(0x0)/Pci(0x1,0x0)');
const KEYBOARD = convertTextToDevicePath('PciRoot(0x0)/Pci(0x2,0x0)');
const OTHER = convertTextToDevicePath('PciRoot(0x0)/Pci(0x3,0x0)');
const MODES = [[80, 25]] as const;
const MARKS = [ConsoleInDeviceProtocol, ConsoleOutDeviceProtocol, StandardErrorDeviceProtocol];

/** Which marks a handle has. */
function marksOf({ bs, core }: ConsoleWorld, handle: EfiHandle): readonly string[] {
  const attributes = EFI_OPEN_PROTOCOL_TEST_PROTOCOL;
  const has = (mark: Protocol<null>): boolean =>
    bs.tryOpenProtocol(handle, mark, core.labImage, undefined, attributes).status === 'EFI_SUCCESS';
  return MARKS.filter(has).map(({ name }) => name);
}

function text(path: DevicePath | undefined): string | undefined {
  return path && convertDevicePathToText(path);
}

describe.each(PROFILES)('which devices are consoles (UEFI §3.3), %s', (profile) => {
  test('what ConOut and ErrOut name is marked for each of them', () => {
    const world = new ConsoleWorld({ profile, variables: { ConOut: SCREEN, ErrOut: OTHER } });
    const screen = world.plugScreen(SCREEN, new TestScreen(MODES));
    const other = world.plugScreen(OTHER, new TestScreen(MODES));
    expect(marksOf(world, screen)).toEqual(['ConsoleOutDevice']);
    expect(marksOf(world, other)).toEqual(['StandardErrorDevice']);
  });

  test('what ConIn names is marked', () => {
    const world = new ConsoleWorld({ profile, variables: { ConIn: KEYBOARD } });
    expect(marksOf(world, world.plugKeyboard(KEYBOARD).handle)).toEqual(['ConsoleInDevice']);
    expect(marksOf(world, world.plugKeyboard(OTHER).handle)).toEqual([]);
  });

  test('each device can be chosen as long as it is there: ConInDev, ConOutDev, ErrOutDev', () => {
    const world = new ConsoleWorld({ profile, variables: { ConIn: OTHER, ConOut: OTHER } });
    world.plugScreen(SCREEN, new TestScreen(MODES));
    world.plugKeyboard(KEYBOARD);
    for (const name of ['ConOutDev', 'ErrOutDev']) {
      expect(text(world.variable(name))).toContain('PciRoot(0x0)/Pci(0x1,0x0)');
    }
    expect(text(world.variable('ConInDev'))).toContain('PciRoot(0x0)/Pci(0x2,0x0)');
    // it is managed only where it is a console
    const chosen = new ConsoleWorld({ profile, variables: { ConOut: SCREEN } });
    const screen = chosen.plugScreen(SCREEN, new TestScreen(MODES));
    chosen.bs.disconnectController(screen);
    expect(marksOf(chosen, screen)).toEqual([]);
    expect(text(chosen.variable('ConOutDev')) ?? '').not.toContain('Pci(0x1,0x0)');
  });

  test('a device without a device path is none: the consoles themselves have none', () => {
    const world = new ConsoleWorld({ profile });
    const handle = world.bs.installMultipleProtocolInterfaces(
      undefined,
      protocolInterface(SimpleTextOutputProtocol, new TestScreen(MODES)),
    );
    expect(world.connect(handle)).toBe(false);
  });
});

describe('ConPlatformDxe.OnlyNamedConsoles: where no variable says which devices are consoles', () => {
  test('specification: all are, and from the beginning', () => {
    const world = new ConsoleWorld();
    expect(marksOf(world, world.plugScreen(SCREEN, new TestScreen(MODES)))).toHaveLength(2);
    world.sent();
    world.conOut.outputString('early');
    expect(world.sent()).toBe('early');
    world.type('k');
    expect(world.conIn.readKeyStroke()?.unicodeChar).toBe(0x6b);
  });

  test('edk2: none is, and what is written before BDS is lost', () => {
    const world = new ConsoleWorld({ profile: 'edk2' });
    expect(marksOf(world, world.plugScreen(SCREEN, new TestScreen(MODES)))).toEqual([]);
    world.conOut.outputString('early');
    expect(world.sent()).toBe('');
  });
});

test('README: what could be ConOut', () => {
  const world = new ConsoleWorld();
  world.plugScreen(SCREEN, new TestScreen(MODES));
  expect(possibleScreens(world.systemTable.runtimeServices)).toEqual([
    expect.stringMatching(/^VenHw.*\/Uart\(115200,8,N,1\)\//),
    'PciRoot(0x0)/Pci(0x1,0x0)',
  ]);
});
