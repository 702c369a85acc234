import {
  EFI_LEFT_SHIFT_PRESSED,
  EFI_RIGHT_SHIFT_PRESSED,
  EFI_SHIFT_STATE_VALID,
  EVT_NOTIFY_WAIT,
  EVT_NOTIFY_SIGNAL,
  EVT_TIMER,
  SimpleTextInputExProtocol,
  TPL_CALLBACK,
  TPL_NOTIFY,
  writeLoadOptionOrder,
} from '@dxelab/uefi';
import type { EfiKeyData, EfiKeyNotifyFunction, EfiSimpleTextInputEx } from '@dxelab/uefi';
import type { DxeModule, Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import type { MemoryStorage } from '@dxelab/variable-runtime-dxe';
import { describe, expect, test } from 'vitest';
import { driver } from '../boot/programs.fixture.ts';
import { dataIn, FIRST, flash, option, ordered, SECOND } from './boot-variables.fixture.ts';
import { bootTyped, F9, F9_TYPED, keyFor, ran, TIMEOUT_KEPT } from './typed-boot.fixture.ts';

const A = { scanCode: 0, unicodeChar: 0x61 };
const B = { scanCode: 0, unicodeChar: 0x62 };
const SECOND_OPTION = option(SECOND);

/** BootOrder has the first disk; the second is for a hot key. */
function variables(Key0000: Uint8Array, seconds = 5): MemoryStorage {
  return flash({
    ...ordered('Boot', option(FIRST)),
    Boot0042: SECOND_OPTION,
    Key0000,
    Timeout: writeLoadOptionOrder([seconds]),
  });
}

/** What ran first, and how many seconds of virtual time the boot took. */
function typed(profile: Profile, input: string, storage: MemoryStorage): [string, number] {
  const at = '1 s';
  const report = bootTyped(profile, {
    input: [{ text: input, at }],
    variables: storage,
    quirks: TIMEOUT_KEPT,
  });
  expect(report.outcome.kind).toBe('stopped');
  return [ran(report)[0] ?? '', Math.round(report.virtualTime / 1e9)];
}

describe.each(PROFILES)('Hot keys (UEFI §3.1.6), %s', (profile) => {
  test('one that is pressed ends the wait, and boots its option before all others', () => {
    expect(typed(profile, F9_TYPED, variables(keyFor(0x42, SECOND_OPTION, [F9])))).toEqual([
      SECOND,
      1,
    ]);
  });

  test('Enter ends the wait, and boots what would have been booted', () => {
    expect(typed(profile, '\r', variables(keyFor(0x42, SECOND_OPTION, [F9])))).toEqual([FIRST, 1]);
  });

  test('any other key changes nothing', () => {
    expect(typed(profile, 'a', variables(keyFor(0x42, SECOND_OPTION, [F9])))).toEqual([FIRST, 5]);
  });

  test('several keys are pressed one behind the other', () => {
    const key = keyFor(0x42, SECOND_OPTION, [A, B, A]);
    expect(typed(profile, 'aba', variables(key))).toEqual([SECOND, 1]);
    expect(typed(profile, 'abb', variables(key))).toEqual([FIRST, 5]);
    expect(typed(profile, 'ab', variables(key))).toEqual([FIRST, 5]);
    // as EDK II has it, the stroke that breaks a sequence does not begin it anew
    expect(typed(profile, 'aaba', variables(key))).toEqual([FIRST, 5]);
  });

  test.each<[string, Uint8Array]>([
    ['whose option has changed since', keyFor(0x42, option(FIRST), [F9])],
    ['whose option is not there', keyFor(0x43, SECOND_OPTION, [F9])],
    ['that cannot be read', keyFor(0x42, SECOND_OPTION, [F9]).slice(0, -1)],
    ['without any key', keyFor(0x42, SECOND_OPTION, [])],
  ])('one %s is none', (_what, key) => {
    expect(typed(profile, F9_TYPED, variables(key))).toEqual([FIRST, 5]);
  });

  test('a terminal cannot tell modifiers: they count as pressed', () => {
    const key = keyFor(0x42, SECOND_OPTION, [F9], ['shift', 'control']);
    expect(typed(profile, F9_TYPED, variables(key))).toEqual([SECOND, 1]);
  });

  test('without a wait, what was typed before counts', () => {
    const report = bootTyped(profile, {
      input: F9_TYPED,
      variables: variables(keyFor(0x42, SECOND_OPTION, [F9]), 0),
    });
    expect(ran(report)[0]).toBe(SECOND);
  });

  test('from the first boot on, they are keys like all others', () => {
    const report = bootTyped(profile, {
      input: [{ text: F9_TYPED, at: '6 s' }],
      variables: variables(keyFor(0x42, SECOND_OPTION, [F9])),
      quirks: TIMEOUT_KEPT,
      image: ({ bs }) => bs.stall(2_000_000),
    });
    expect(ran(report)).not.toContain(SECOND);
  });

  test('the image of a hot key finds no key that waits', () => {
    const keys: unknown[] = [];
    bootTyped(profile, {
      input: [{ text: F9_TYPED, at: '1 s' }],
      variables: variables(keyFor(0x42, SECOND_OPTION, [F9])),
      quirks: TIMEOUT_KEPT,
      image: ({ systemTable }) => void keys.push(systemTable.conIn?.readKeyStroke()),
    });
    expect(keys[0]).toBeUndefined();
  });

  test('BootOptionSupport says so: KEY, and a COUNT of three (§3.1.4)', () => {
    let support: Uint8Array | undefined;
    bootTyped(profile, {
      image: (running) => void (support ??= dataIn(running, 'BootOptionSupport')),
    });
    expect(support).toEqual(Uint8Array.of(0x13, 3, 0, 0));
  });
});

describe('Keys that were typed ahead', () => {
  const firstKey = (profile: Profile): unknown => {
    const keys: unknown[] = [];
    bootTyped(profile, {
      input: 'x',
      image: ({ systemTable }) => void keys.push(systemTable.conIn?.readKeyStroke()?.unicodeChar),
    });
    return keys[0];
  };

  test('are for the image that reads them', () => {
    expect(firstKey('specification')).toBe(0x78);
  });

  test('are lost in EDK II: BdsDxe.TypedAheadLost', () => {
    expect(firstKey('edk2')).toBeUndefined();
  });
});

describe.each(PROFILES)('A Timeout of 0xFFFF waits for a key (UEFI §3.3), %s', (profile) => {
  const waiting = () => variables(keyFor(0x42, SECOND_OPTION, [F9]), 0xffff);

  test('for as long as it takes', () => {
    const report = bootTyped(profile, {
      input: [{ text: '\r', at: '40 s' }],
      variables: waiting(),
      quirks: TIMEOUT_KEPT,
    });
    expect(ran(report)[0]).toBe(FIRST);
    expect(report.virtualTime).toBeGreaterThan(40e9);
  });

  test('and where nobody types, that is the end', () => {
    const report = bootTyped(profile, { variables: waiting(), quirks: TIMEOUT_KEPT });
    expect(report.outcome).toMatchObject({
      kind: 'stopped',
      message: 'Timeout is 0xffff: BdsDxe waits for a key that nobody types',
    });
    expect(report.attempts).toEqual([]);
  });
});

describe.each(PROFILES)('A keyboard that knows modifiers, %s', (profile) => {
  test.each([
    ['left', EFI_LEFT_SHIFT_PRESSED, SECOND],
    ['right', EFI_RIGHT_SHIFT_PRESSED, SECOND],
    ['no', 0, FIRST],
    ['both', EFI_LEFT_SHIFT_PRESSED + EFI_RIGHT_SHIFT_PRESSED, FIRST],
  ])('%s shift', (_what, keyShiftState, booted) => {
    const stroke = {
      key: F9,
      keyState: { keyShiftState: EFI_SHIFT_STATE_VALID + keyShiftState, keyToggleState: 0 },
    };
    const report = bootTyped(profile, {
      drivers: [keyboard(stroke)],
      variables: variables(keyFor(0x42, SECOND_OPTION, [F9], ['shift'])),
      quirks: TIMEOUT_KEPT,
    });
    expect(ran(report)[0]).toBe(booted);
  });
});

/** A console whose key is pressed a second after its driver was started, and tells whoever asked for any key. */
function keyboard(stroke: EfiKeyData): DxeModule {
  return driver(({ bs, systemTable }) => {
    const notifies = new Set<EfiKeyNotifyFunction>();
    const input: EfiSimpleTextInputEx = {
      reset() {},
      readKeyStrokeEx: () => undefined,
      waitForKeyEx: bs.createEvent(EVT_NOTIFY_WAIT, TPL_NOTIFY, () => {}, null),
      setState() {},
      registerKeyNotify(_keyData, notify) {
        notifies.add(notify);
        return { keyNotify: true };
      },
      unregisterKeyNotify() {},
    };
    const press = (): void => {
      for (const notify of notifies) notify(stroke);
    };
    const timer = bs.createEvent(EVT_TIMER + EVT_NOTIFY_SIGNAL, TPL_CALLBACK, press, null);
    bs.setTimer(timer, 'TimerRelative', 10_000_000);
    systemTable.consoleInHandle = bs.installProtocolInterface(
      undefined,
      SimpleTextInputExProtocol,
      input,
    );
  });
}
