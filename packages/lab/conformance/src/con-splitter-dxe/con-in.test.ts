import { convertTextToDevicePath } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { ConsoleWorld } from './console-world.fixture.ts';
import { ask } from './example.fixture.ts';

const LEFT = convertTextToDevicePath('PciRoot(0x0)/Pci(0x1,0x0)/USB(0x1,0x0)');
const RIGHT = convertTextToDevicePath('PciRoot(0x0)/Pci(0x1,0x0)/USB(0x2,0x0)');

const keyData = (character: string) => ({
  key: { scanCode: 0, unicodeChar: character.charCodeAt(0) },
  keyState: { keyShiftState: 0, keyToggleState: 0 },
});

/** Two keyboards beside the terminal, of which ConIn names none: so none of the world's own counts. */
function twoKeyboards(profile: 'specification' | 'edk2' = 'specification') {
  const world = new ConsoleWorld({
    profile,
    variables: { ConIn: appended(LEFT, RIGHT) },
  });
  const left = world.plugKeyboard(LEFT);
  const right = world.plugKeyboard(RIGHT);
  return { world, left, right };
}

function appended(first: Uint8Array, second: Uint8Array): Uint8Array {
  const separator = Uint8Array.of(0x7f, 0x01, 4, 0);
  return Uint8Array.from([...first.subarray(0, -4), ...separator, ...second]);
}

describe.each(PROFILES)('ConIn is all keyboards that it names (UEFI §12.3), %s', (profile) => {
  test('keys of either come, those of the first first', () => {
    const { world, left, right } = twoKeyboards(profile);
    right.keyboard.press('r');
    left.keyboard.press('l');
    const keys = [1, 2, 3].map(() => world.conIn.readKeyStroke()?.unicodeChar);
    expect(keys).toEqual([0x6c, 0x72, undefined]);
  });

  test('WaitForEvent returns for a key of either', () => {
    const { world, right } = twoKeyboards(profile);
    const { bs, conIn, conInEx } = world;
    expect(bs.checkEvent(conIn.waitForKey)).toBe(false);
    right.keyboard.press('r');
    expect(bs.waitForEvent([conIn.waitForKey])).toBe(0);
    expect(bs.checkEvent(conInEx.waitForKeyEx)).toBe(true);
    expect(conInEx.readKeyStrokeEx()).toEqual(keyData('r'));
    expect(bs.checkEvent(conInEx.waitForKeyEx)).toBe(false);
  });

  test('Reset and SetState reach all', () => {
    const { world, left, right } = twoKeyboards(profile);
    world.conIn.reset(false);
    world.conInEx.setState(0x81);
    for (const { keyboard } of [left, right]) {
      expect([keyboard.resets, keyboard.toggleState]).toEqual([1, 0x81]);
    }
  });

  test('RegisterKeyNotify registers with all, with those that come later too, and once', () => {
    const world = new ConsoleWorld({ profile, variables: { ConIn: appended(LEFT, RIGHT) } });
    const told: number[] = [];
    const notify = (): void => void told.push(told.length);
    const { keyboard: left } = world.plugKeyboard(LEFT);
    const handle = world.conInEx.registerKeyNotify(keyData('q'), notify);
    expect(world.conInEx.registerKeyNotify(keyData('q'), notify)).toBe(handle);
    const { keyboard: right } = world.plugKeyboard(RIGHT);
    expect([left.registered.size, right.registered.size]).toEqual([1, 1]);
    left.press('q');
    right.press('q');
    expect(told).toHaveLength(2);
    world.conInEx.unregisterKeyNotify(handle);
    expect([left.registered.size, right.registered.size]).toEqual([0, 0]);
    expect(() => world.conInEx.unregisterKeyNotify(handle)).toThrow('EFI_INVALID_PARAMETER');
  });

  test('a keyboard that is unplugged is asked no more, and forgets who wanted to be told', () => {
    const { world, left, right } = twoKeyboards(profile);
    world.conInEx.registerKeyNotify(keyData('q'), () => {});
    world.bs.disconnectController(left.handle);
    expect([left.keyboard.registered.size, right.keyboard.registered.size]).toEqual([0, 1]);
    left.keyboard.press('l');
    right.keyboard.press('r');
    expect(world.conIn.readKeyStroke()?.unicodeChar).toBe(0x72);
    expect(world.conIn.readKeyStroke()).toBeUndefined();
    world.connect(left.handle);
    expect(world.conIn.readKeyStroke()?.unicodeChar).toBe(0x6c);
  });

  test('without any keyboard there is no key, and nothing fails', () => {
    const { conIn, conInEx } = new ConsoleWorld({ profile, variables: { ConIn: LEFT } });
    conIn.reset(true);
    conInEx.setState(0x80);
    expect([conIn.readKeyStroke(), conInEx.readKeyStrokeEx()]).toEqual([undefined, undefined]);
  });

  test('ExitBootServices takes it away (§7.4.6)', () => {
    const { core, bs, systemTable } = new ConsoleWorld({ profile });
    bs.exitBootServices(core.labImage, bs.getMemoryMap().mapKey);
    const { conIn, consoleInHandle, conOut, stdErr } = systemTable;
    expect([conIn, consoleInHandle, conOut, stdErr]).toEqual(Array(4).fill(undefined));
  });
});

test('modifiers that a terminal cannot tell are one registration there, until the last is gone', () => {
  const world = new ConsoleWorld();
  const notify = (): void => void (told += 1);
  let told = 0;
  const shifted = { ...keyData('q'), keyState: { keyShiftState: 0x8000_0001, keyToggleState: 0 } };
  const [plain, other] = [keyData('q'), shifted].map((one) =>
    world.conInEx.registerKeyNotify(one, notify),
  );
  if (plain === undefined || other === undefined) throw new TypeError('not registered');
  world.conInEx.unregisterKeyNotify(plain);
  world.type('q');
  world.bs.stall(100_000);
  expect(told).toBe(1);
  world.conInEx.unregisterKeyNotify(other);
  world.type('q');
  world.bs.stall(100_000);
  expect(told).toBe(1);
});

test('README: a question, and its answer', () => {
  const world = new ConsoleWorld();
  world.type('y');
  expect(ask(world.systemTable, 'Format?')).toBe('y');
  expect(world.sent()).toBe('Format? ');
});
