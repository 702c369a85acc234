import { bootManagerMenuApp } from '@dxelab/boot-manager-menu-app';
import type { BootReport } from '@dxelab/scenario';
import {
  EfiError,
  EFI_EVENT_GROUP_READY_TO_BOOT,
  EVT_NOTIFY_SIGNAL,
  LOAD_OPTION_ACTIVE,
  LOAD_OPTION_CATEGORY_APP,
  LOAD_OPTION_HIDDEN,
  TPL_CALLBACK,
  writeLoadOptionOrder,
} from '@dxelab/uefi';
import type { DxeModule, Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import type { MemoryStorage } from '@dxelab/variable-runtime-dxe';
import { describe, expect, test } from 'vitest';
import {
  dataIn,
  FIRST,
  flash,
  numberIn,
  option,
  ordered,
  SECOND,
} from '../bds-dxe/boot-variables.fixture.ts';
import type { TypedBoot } from '../bds-dxe/typed-boot.fixture.ts';
import { bootTyped, ran, TIMEOUT_KEPT } from '../bds-dxe/typed-boot.fixture.ts';
import { driver } from '../boot/programs.fixture.ts';

const F2 = '\u001B2';
const [UP, DOWN, ENTER] = ['\u001B[A', '\u001B[B', '\r'];
/** No key of this terminal begins like that, so that it is Escape at once. */
const ESCAPE = '\u001B\u001B';
const one = option(FIRST, { description: 'One' });
const two = option(SECOND, { description: 'Two' });

/** Two options, and time to press a key. */
function variables(more: Readonly<Record<string, Uint8Array>> = {}): MemoryStorage {
  const Timeout = writeLoadOptionOrder([5]);
  return flash({ ...ordered('Boot', one, two), Timeout, ...more });
}

/** Opens the menu with F2 after a second, and types there. */
function typed(profile: Profile, keys: string, more: TypedBoot = {}): BootReport {
  const input = [
    { text: F2, at: '1 s' },
    { text: keys, at: '2 s' },
  ];
  return bootTyped(profile, { input, variables: variables(), quirks: TIMEOUT_KEPT, ...more });
}

describe.each(PROFILES)('The boot menu (UEFI §3.1.1), %s', (profile) => {
  test('lists the options of BootOrder', () => {
    const { console } = typed(profile, '');
    for (const text of ['Boot Manager Menu', '> One', '  Two', 'Enter to boot']) {
      expect(console).toContain(text);
    }
  });

  test.each([
    ['Enter boots the first', ENTER, 'One'],
    ['an arrow goes to the next', DOWN + ENTER, 'Two'],
    ['and back', DOWN + UP + ENTER, 'One'],
    ['behind the last comes the first', UP + DOWN + DOWN + ENTER, 'Two'],
    ['other keys change nothing', `x\t${DOWN}7${ENTER}`, 'Two'],
  ])('%s', (_what, keys, booted) => {
    expect(ran(typed(profile, keys))[0]).toBe(booted);
  });

  test('what has returned is told, and another can be chosen', () => {
    const report = typed(profile, DOWN + ENTER + ENTER);
    expect(ran(report).slice(0, 2)).toEqual(['Two', 'One']);
    expect(report.console).toContain('Two has returned.');
  });

  test('what has failed is told', () => {
    const image = (): void => {
      throw new EfiError('EFI_ABORTED', 'no such luck');
    };
    expect(typed(profile, ENTER, { image }).console).toMatch(/One: .*no such luck/);
  });

  test('Escape goes on with what would have been booted', () => {
    const report = typed(profile, ESCAPE + ENTER);
    expect(ran(report).slice(0, 2)).toEqual(['BootManagerMenuApp', 'One']);
  });

  test('an option behind which somebody still types makes room for the menu', () => {
    const report = bootTyped(profile, {
      input: [{ text: DOWN + ENTER, at: '10 s' }],
      variables: variables(),
    });
    expect(ran(report).slice(0, 2)).toEqual(['One', 'Two']);
    expect(report.outcome.message).toBe('the boot menu waits for a key that nobody types');
  });

  test('an option behind which nobody types makes room for the next', () => {
    const report = bootTyped(profile, { variables: variables() });
    expect(ran(report).slice(0, 2)).toEqual(['One', 'Two']);
    expect(report.console).not.toContain('Boot Manager Menu');
    expect(report.outcome).toMatchObject({ kind: 'stopped', message: 'nothing is left to boot' });
  });

  test('what is inactive or hidden, and the menu, is not listed; applications are', () => {
    const attributes = {
      App: LOAD_OPTION_ACTIVE | LOAD_OPTION_CATEGORY_APP,
      Hidden: LOAD_OPTION_ACTIVE | LOAD_OPTION_HIDDEN,
      Inactive: 0,
    };
    const options = Object.entries(attributes).map(([description, bits]) =>
      option(FIRST, { description, attributes: bits }),
    );
    const Timeout = writeLoadOptionOrder([5]);
    const { console } = typed(profile, '', {
      variables: flash({ ...ordered('Boot', ...options), Timeout }),
    });
    expect(console).toContain('> App');
    for (const text of ['Hidden', 'Inactive', '> BootManagerMenuApp', '  BootManagerMenuApp']) {
      expect(console).not.toContain(text);
    }
  });

  test('more options than lines are scrolled', () => {
    const options = Array.from({ length: 40 }, (_, number) =>
      option(number === 30 ? SECOND : FIRST, { description: `Number ${number}.` }),
    );
    const Timeout = writeLoadOptionOrder([5]);
    const report = typed(profile, DOWN.repeat(30) + ENTER, {
      variables: flash({ ...ordered('Boot', ...options), Timeout }),
    });
    expect(ran(report)[0]).toBe('Number 30.');
    expect(report.console).toContain('> Number 30.');
    expect(report.console).not.toContain('Number 31.');
  });

  test('what it boots is BootCurrent', () => {
    const seen: unknown[] = [];
    typed(profile, ENTER, {
      image: (running) => void seen.push(numberIn(running, 'BootCurrent')),
    });
    expect(seen[0]).toBe(0);
  });

  test('it is no boot: nobody gets ready for it, but for what it boots', () => {
    let ready = 0;
    const listener = driver(({ bs }) => {
      const group = EFI_EVENT_GROUP_READY_TO_BOOT;
      bs.createEventEx(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, () => (ready += 1), undefined, group);
    });
    const before: number[] = [];
    typed(profile, ENTER, { drivers: [listener], image: () => void before.push(ready) });
    expect(before[0]).toBe(1);
  });

  test('an OsIndications that asks for it gets it, once (§8.5.4)', () => {
    const asked = variables({ OsIndications: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0) });
    const quirks = TIMEOUT_KEPT;
    const input = [{ text: DOWN + ENTER, at: '1 s' }];
    expect(ran(bootTyped(profile, { variables: asked, quirks, input }))[0]).toBe('Two');
    let left: Uint8Array | undefined;
    bootTyped(profile, {
      variables: asked,
      image: (running) => void (left ??= dataIn(running, 'OsIndications')),
    });
    expect(left).toEqual(new Uint8Array(8));
  });

  test('when there is nothing to boot, any key opens it', () => {
    const fail = (): void => {
      throw new EfiError('EFI_ABORTED', 'no such luck');
    };
    const report = bootTyped(profile, {
      input: [{ text: 'x', at: '9 s' }],
      variables: variables(),
      image: fail,
    });
    expect(report.console).toContain('No bootable option or device was found.');
    expect(report.console).toContain('> One');
    expect(report.outcome).toMatchObject({
      kind: 'stopped',
      message: 'BdsDxe waits for a key that nobody types',
    });
  });

  test('another application with its FILE_GUID takes its place; if it fails, that is the end', () => {
    const broken: DxeModule = {
      ...bootManagerMenuApp(),
      hardware: false,
      entryPoint() {
        throw new EfiError('EFI_DEVICE_ERROR', 'no screen');
      },
    };
    const input = [
      { text: F2, at: '1 s' },
      { text: 'x', at: '50 s' },
    ];
    const boot = { input, variables: variables(), quirks: TIMEOUT_KEPT, drivers: [broken] };
    const { attempts, outcome } = bootTyped(profile, boot);
    expect(attempts).toMatchObject([
      { description: 'BootManagerMenuApp', status: 'EFI_DEVICE_ERROR' },
    ]);
    expect(outcome).toMatchObject({
      kind: 'stopped',
      message: 'the boot menu could not be started, or has failed',
    });
  });
});
