import { convertTextToDevicePath } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import type { Profile } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { ConsoleWorld, TestScreen } from './console-world.fixture.ts';

const SCREEN = convertTextToDevicePath('PciRoot(0x0)/Pci(0x1,0x0)/AcpiAdr(0x80010100)');
const OTHER = convertTextToDevicePath('PciRoot(0x0)/Pci(0x2,0x0)/AcpiAdr(0x80010100)');
const NOWHERE = convertTextToDevicePath('PciRoot(0x0)/Pci(0x1f,0x0)');
const BOTH = Uint8Array.from([...SCREEN.subarray(0, -4), 0x7f, 1, 4, 0, ...OTHER]);

/** 80 × 25, nothing, and two more. */
const WIDE = [
  [80, 25],
  [0, 0],
  [100, 31],
  [128, 40],
] as const;
/** As a terminal has them, and one of the others. */
const USUAL = [
  [80, 25],
  [80, 50],
  [128, 40],
] as const;

function twoScreens(profile: Profile = 'specification') {
  const world = new ConsoleWorld({ profile, variables: { ConOut: BOTH, ErrOut: SCREEN } });
  const [wide, usual] = [new TestScreen(WIDE), new TestScreen(USUAL)];
  const handles = [world.plugScreen(SCREEN, wide), world.plugScreen(OTHER, usual)] as const;
  return { world, wide, usual, handles };
}

describe.each(PROFILES)('ConOut is all screens that it names (UEFI §12.4), %s', (profile) => {
  test('each shows what is written, and StdErr only where ErrOut says so', () => {
    const { world, wide, usual } = twoScreens(profile);
    world.conOut.outputString('out');
    world.stdErr.outputString('err');
    expect(wide.done).toEqual(['out', 'err']);
    expect(usual.done).toEqual(['out']);
    expect(world.sent()).toBe('');
  });

  test('its modes are those that all have, 0 and 1 with fixed numbers (§12.4.4)', () => {
    const { world } = twoScreens(profile);
    const { conOut, stdErr } = world;
    expect(conOut.mode.maxMode).toBe(3);
    expect([0, 2].map((mode) => conOut.queryMode(mode))).toEqual([
      { columns: 80, rows: 25 },
      { columns: 128, rows: 40 },
    ]);
    for (const mode of [1, 3, -1]) {
      expect(() => conOut.queryMode(mode)).toThrow('EFI_UNSUPPORTED');
      expect(() => conOut.setMode(mode)).toThrow('EFI_UNSUPPORTED');
    }
    expect(stdErr.mode.maxMode).toBe(4);
  });

  test('SetMode sets each to the number that it has for it', () => {
    const { world, wide, usual } = twoScreens(profile);
    world.conOut.setMode(2);
    expect([wide.done, usual.done]).toEqual([['mode 3'], ['mode 2']]);
    expect(world.conOut.mode.mode).toBe(2);
  });

  test('colours, cursor, clearing and Reset reach all', () => {
    const { world, wide, usual } = twoScreens(profile);
    const { conOut } = world;
    conOut.setAttribute(0x1e);
    conOut.setCursorPosition(79, 24);
    conOut.enableCursor(false);
    conOut.clearScreen();
    expect(conOut.mode).toMatchObject({ attribute: 0x1e, cursorVisible: false });
    conOut.reset(true);
    expect(conOut.mode).toMatchObject({ mode: 0, attribute: 7, cursorVisible: true });
    const done = ['attribute 30', 'cursor 79,24', 'cursor false', 'clear', 'reset true'];
    expect([wide.done, usual.done]).toEqual([done, done]);
    expect(() => conOut.setAttribute(0x80)).toThrow('EFI_UNSUPPORTED');
    for (const [column, row] of [
      [80, 0],
      [0, 25],
      [-1, 0],
      [0, -1],
    ] as const) {
      expect(() => conOut.setCursorPosition(column, row)).toThrow('EFI_UNSUPPORTED');
    }
  });

  test('a screen that comes later is set as the others are', () => {
    const world = new ConsoleWorld({ profile, variables: { ConOut: BOTH, ErrOut: NOWHERE } });
    world.plugScreen(SCREEN, new TestScreen(WIDE));
    world.conOut.setMode(3);
    world.conOut.setAttribute(0x1e);
    world.conOut.enableCursor(false);
    const later = new TestScreen(USUAL);
    world.plugScreen(OTHER, later);
    expect(later.done).toEqual(['mode 2', 'attribute 30', 'cursor false']);
    expect(world.conOut.mode).toMatchObject({ maxMode: 3, mode: 2, attribute: 0x1e });
  });

  test('one that cannot do the present mode takes all others back to 80 × 25', () => {
    const world = new ConsoleWorld({ profile, variables: { ConOut: BOTH, ErrOut: NOWHERE } });
    const wide = new TestScreen(WIDE);
    world.plugScreen(SCREEN, wide);
    world.conOut.setMode(2);
    world.plugScreen(OTHER, new TestScreen(USUAL));
    expect(wide.done).toEqual(['mode 2', 'mode 0']);
    expect(world.conOut.mode.mode).toBe(0);
  });

  test('when one goes, the modes of the others are there again', () => {
    const { world, wide, usual, handles } = twoScreens(profile);
    world.bs.disconnectController(handles[1]);
    world.conOut.outputString('left');
    expect([wide.done, usual.done]).toEqual([['left'], []]);
    expect(world.conOut.queryMode(2)).toEqual({ columns: 100, rows: 31 });
  });

  test('one that fails keeps no other from showing it: EFI_DEVICE_ERROR', () => {
    const { world, wide, usual } = twoScreens(profile);
    wide.fails = true;
    expect(() => world.conOut.outputString('x')).toThrow('EFI_DEVICE_ERROR');
    expect(usual.done).toEqual(['x']);
  });

  test('the cursor is where that of the first screen is', () => {
    const { world } = twoScreens(profile);
    world.conOut.outputString('four');
    expect(world.conOut.mode).toMatchObject({ cursorColumn: 4, cursorRow: 0 });
  });

  test('TestString asks all', () => {
    const { world, usual } = twoScreens(profile);
    expect(world.conOut.testString('x')).toBe(true);
    usual.warns = true;
    expect(world.conOut.testString('x')).toBe(false);
  });

  test('without any screen it takes what is written, in one mode', () => {
    const { conOut } = new ConsoleWorld({ profile, variables: { ConOut: OTHER } });
    expect(conOut.outputString('nobody')).toBeUndefined();
    expect(conOut.mode.maxMode).toBe(1);
    expect(conOut.queryMode(0)).toEqual({ columns: 80, rows: 25 });
  });

  test('the three consoles have a handle each, with their protocols (§4.3)', () => {
    const { systemTable } = new ConsoleWorld({ profile });
    const { consoleInHandle, consoleOutHandle, standardErrorHandle } = systemTable;
    const handles = [consoleInHandle, consoleOutHandle, standardErrorHandle];
    expect(new Set(handles).size).toBe(3);
    expect(handles).not.toContain(undefined);
  });
});

describe('ConSplitterDxe.GlyphWarningLost', () => {
  test.each([
    ['specification', 'EFI_WARN_UNKNOWN_GLYPH'],
    ['edk2', undefined],
  ] as const)('%s: what one cannot show is %s', (profile, status) => {
    const { world, usual } = twoScreens(profile);
    usual.warns = true;
    expect(world.conOut.outputString('x')).toBe(status);
  });
});
