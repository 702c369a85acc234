import type { DxeCore } from '@dxelab/dxe-core';
import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine, Uart16550 } from '@dxelab/emulated-machine';
import { serialDxe } from '@dxelab/serial-dxe';
import { terminalDxe } from '@dxelab/terminal-dxe';
import type { EfiSimpleTextInput, EfiSimpleTextInputEx, EfiSimpleTextOutput } from '@dxelab/uefi';
import {
  efiTextAttribute,
  EFI_BLUE,
  EFI_YELLOW,
  SCAN_ESC,
  SCAN_UP,
  SerialIoProtocol,
  SimpleTextInputExProtocol,
  SimpleTextInputProtocol,
  SimpleTextOutputProtocol,
} from '@dxelab/uefi';
import type { Profile, QuirkName } from '@dxelab/uefi-lib';
import { PROFILES, Quirks } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';

const SECOND = 1_000_000;

/** A firmware of a serial port and its terminal, and who sits before it. */
class TerminalWorld {
  readonly core: DxeCore;
  readonly output: EfiSimpleTextOutput;
  readonly input: EfiSimpleTextInput;
  readonly inputEx: EfiSimpleTextInputEx;
  readonly #uart: Uart16550;
  readonly #bytes: number[] = [];

  constructor(profile: Profile, quirks: Partial<Record<QuirkName, boolean>> = {}) {
    this.#uart = new Uart16550((byte) => this.#bytes.push(byte));
    const machine = createEmulatedMachine({ memory: 16 * 2 ** 20, devices: [this.#uart] });
    this.core = createDxeCore(machine.platform, {
      modules: [serialDxe, terminalDxe],
      quirks: new Quirks(profile, quirks),
    });
    this.core.dispatch();
    for (const line of this.bs.locateHandleBuffer({
      type: 'ByProtocol',
      protocol: SerialIoProtocol,
    })) {
      this.bs.connectController(line, undefined, undefined, true);
    }
    this.input = this.bs.locateProtocol(SimpleTextInputProtocol);
    this.output = this.bs.locateProtocol(SimpleTextOutputProtocol);
    this.inputEx = this.bs.locateProtocol(SimpleTextInputExProtocol);
  }

  get bs() {
    return this.core.systemTable.bootServices;
  }

  type(text: string): void {
    this.#uart.receive(new TextEncoder().encode(text));
  }

  /** What has been shown since the last time. */
  shown(): string {
    return new TextDecoder().decode(Uint8Array.from(this.#bytes.splice(0)));
  }
}

describe.each(PROFILES)('what is typed, %s (UEFI §12.3)', (profile) => {
  test('comes key by key; then there is none', () => {
    const { input, type } = bound(profile);
    expect(input.readKeyStroke()).toBeUndefined();
    type('ä\u001B[A\r');
    expect(input.readKeyStroke()).toEqual({ scanCode: 0, unicodeChar: 0xe4 });
    expect(input.readKeyStroke()).toEqual({ scanCode: SCAN_UP, unicodeChar: 0 });
    expect(input.readKeyStroke()).toEqual({ scanCode: 0, unicodeChar: 0x0d });
    expect(input.readKeyStroke()).toBeUndefined();
  });

  test('more than the FIFO of the UART holds comes whole', () => {
    const { input, type } = bound(profile);
    const text = 'the quick brown fox jumps over the lazy dog';
    type(text);
    const keys = Array.from(text, () => input.readKeyStroke()?.unicodeChar ?? 0);
    expect(String.fromCodePoint(...keys)).toBe(text);
  });

  test('WaitForEvent waits for a key, and only for one', () => {
    const { bs, input, type } = bound(profile);
    expect(bs.checkEvent(input.waitForKey)).toBe(false);
    type('k');
    expect(bs.waitForEvent([input.waitForKey])).toBe(0);
    // it stays until the key is read
    expect(bs.checkEvent(input.waitForKey)).toBe(true);
    input.readKeyStroke();
    expect(bs.checkEvent(input.waitForKey)).toBe(false);
  });

  test('a key that comes while WaitForEvent sleeps ends it', () => {
    const { bs, input, type } = bound(profile);
    const later = bs.createEvent(0x8000_0200, 8, () => type('x'), null);
    bs.setTimer(later, 'TimerRelative', 10 * SECOND);
    expect(bs.waitForEvent([input.waitForKey])).toBe(0);
    expect(input.readKeyStroke()?.unicodeChar).toBe(0x78);
  });

  test('ESC alone is a key after two seconds, when nothing has followed', () => {
    const { bs, input, type } = bound(profile);
    type('\u001B');
    expect(input.readKeyStroke()).toBeUndefined();
    bs.stall(1.9 * SECOND);
    expect(input.readKeyStroke()).toBeUndefined();
    bs.stall(0.2 * SECOND);
    expect(input.readKeyStroke()).toEqual({ scanCode: SCAN_ESC, unicodeChar: 0 });
  });

  test('a sequence may come slowly', () => {
    const { bs, input, type } = bound(profile);
    for (const part of ['\u001B', '[', 'A']) {
      type(part);
      expect(bs.checkEvent(input.waitForKey)).toBe(part === 'A');
      bs.stall(1.5 * SECOND);
    }
    expect(input.readKeyStroke()?.scanCode).toBe(SCAN_UP);
  });

  test('Reset forgets it, also half a sequence', () => {
    const { bs, input, type } = bound(profile);
    type('abc\u001B');
    expect(bs.checkEvent(input.waitForKey)).toBe(true);
    input.reset(false);
    bs.stall(3 * SECOND);
    expect(input.readKeyStroke()).toBeUndefined();
  });
});

describe.each(PROFILES)('SimpleTextInputEx, %s (UEFI §12.2)', (profile) => {
  const KEY = {
    key: { scanCode: 0, unicodeChar: 0x71 },
    keyState: { keyShiftState: 0, keyToggleState: 0 },
  };

  test('tells no state of Shift and the lights', () => {
    const { inputEx, type } = bound(profile);
    expect(inputEx.readKeyStrokeEx()).toBeUndefined();
    type('q');
    expect(inputEx.readKeyStrokeEx()).toEqual(KEY);
  });

  test('RegisterKeyNotify tells at TPL_CALLBACK of a key, without anybody reading it', () => {
    const { bs, inputEx, type } = bound(profile);
    const told: unknown[] = [];
    const handle = inputEx.registerKeyNotify(KEY, (keyData) => {
      const tpl = bs.raiseTpl(16);
      bs.restoreTpl(tpl);
      told.push([keyData, tpl]);
    });
    type('aqa');
    bs.stall(0.1 * SECOND);
    expect(told).toEqual([[KEY, 8]]);
    inputEx.unregisterKeyNotify(handle);
    type('q');
    bs.stall(0.1 * SECOND);
    expect(told).toHaveLength(1);
    expect(() => inputEx.unregisterKeyNotify(handle)).toThrow('EFI_INVALID_PARAMETER');
  });

  test('the same notification twice is one', () => {
    const { bs, inputEx, type } = bound(profile);
    let told = 0;
    const notify = () => void told++;
    expect(inputEx.registerKeyNotify(KEY, notify)).toBe(inputEx.registerKeyNotify(KEY, notify));
    type('q');
    bs.stall(0.1 * SECOND);
    expect(told).toBe(1);
  });

  test('SetState without EFI_TOGGLE_STATE_VALID is EFI_UNSUPPORTED', () => {
    expect(() => bound(profile).inputEx.setState(1)).toThrow('EFI_UNSUPPORTED');
  });
});

describe.each(PROFILES)('what is shown, %s (UEFI §12.4)', (profile) => {
  test('there are three modes, and no more', () => {
    const { output } = bound(profile);
    expect(output.mode).toMatchObject({ maxMode: 3, mode: 0, attribute: 7 });
    expect([0, 1, 2].map((mode) => output.queryMode(mode))).toEqual([
      { columns: 80, rows: 25 },
      { columns: 80, rows: 50 },
      { columns: 100, rows: 31 },
    ]);
    for (const mode of [3, -1]) {
      expect(() => output.queryMode(mode)).toThrow('EFI_UNSUPPORTED');
      expect(() => output.setMode(mode)).toThrow('EFI_UNSUPPORTED');
    }
  });

  test('SetMode clears the screen', () => {
    const { output, shown } = bound(profile);
    output.outputString('x');
    shown();
    output.setMode(2);
    expect(output.mode).toMatchObject({ mode: 2, cursorColumn: 0, cursorRow: 0 });
    expect(shown()).toBe('\u001B[2J\u001B[01;01H');
    output.setCursorPosition(99, 30);
    expect(() => output.setCursorPosition(100, 30)).toThrow('EFI_UNSUPPORTED');
  });

  test('the cursor follows what is written, wraps and scrolls', () => {
    const { output } = bound(profile);
    const cursor = () => [output.mode.cursorColumn, output.mode.cursorRow];
    output.outputString('ab\b');
    expect(cursor()).toEqual([1, 0]);
    output.outputString('\r\nxyz');
    expect(cursor()).toEqual([3, 1]);
    output.outputString(' '.repeat(80));
    expect(cursor()).toEqual([3, 2]);
    output.outputString('\n'.repeat(30));
    expect(cursor()).toEqual([3, 24]);
    output.outputString('\b'.repeat(5));
    expect(cursor()).toEqual([0, 24]);
  });

  test('SetCursorPosition is from 0, on the wire from 1', () => {
    const { output, shown } = bound(profile);
    output.setCursorPosition(4, 20);
    expect(shown()).toBe('\u001B[21;05H');
    expect(output.mode).toMatchObject({ cursorColumn: 4, cursorRow: 20 });
    for (const [column, row] of [
      [80, 0],
      [0, 25],
      [-1, 0],
      [0, -1],
    ] as const) {
      expect(() => output.setCursorPosition(column, row)).toThrow('EFI_UNSUPPORTED');
    }
  });

  test('SetAttribute: yellow on blue, once', () => {
    const { output, shown } = bound(profile);
    output.setAttribute(efiTextAttribute(EFI_YELLOW, EFI_BLUE));
    expect(shown()).toBe('\u001B[1m\u001B[33m\u001B[44m');
    expect(output.mode.attribute).toBe(0x1e);
    output.setAttribute(0x1e);
    expect(shown()).toBe('');
    expect(() => output.setAttribute(0x80)).toThrow('EFI_UNSUPPORTED');
  });

  test('Reset: mode 0, light gray on black, an empty screen', () => {
    const { output } = bound(profile);
    output.setMode(1);
    output.setAttribute(0x1e);
    output.reset(false);
    expect(output.mode).toEqual({
      maxMode: 3,
      mode: 0,
      attribute: 7,
      cursorColumn: 0,
      cursorRow: 0,
      cursorVisible: true,
    });
  });
});

describe('where EDK II differs', () => {
  test('TerminalDxe.CursorNeverHidden: EnableCursor(FALSE)', () => {
    const { output, shown } = bound('specification');
    output.enableCursor(false);
    expect([shown(), output.mode.cursorVisible]).toEqual(['\u001B[?25l', false]);
    output.reset(false);
    expect(output.mode.cursorVisible).toBe(true);

    const edk2 = bound('edk2');
    expect(() => edk2.output.enableCursor(false)).toThrow('EFI_UNSUPPORTED');
    edk2.output.enableCursor(true);
    expect(edk2.shown()).toBe('');
  });

  test('TerminalDxe.GlyphsUnchecked: half a surrogate pair', () => {
    const { output } = bound('specification');
    expect([output.testString('世界'), output.testString('\uD83D')]).toEqual([true, false]);
    expect(output.outputString('\uD83D')).toBe('EFI_WARN_UNKNOWN_GLYPH');
    const edk2 = bound('edk2').output;
    expect([edk2.testString('\uD83D'), edk2.outputString('\uD83D')]).toEqual([true, undefined]);
  });

  test('TerminalDxe.KeysOfVtUtf8Only: DEL', () => {
    const key = (profile: Profile) => {
      const { input, type } = bound(profile);
      type('\u007F');
      return input.readKeyStroke();
    };
    expect(key('specification')).toEqual({ scanCode: 0, unicodeChar: 8 });
    expect(key('edk2')).toEqual({ scanCode: 8, unicodeChar: 0 });
  });

  test('TerminalDxe.ToggleStateIgnored: SetState', () => {
    expect(() => bound('specification').inputEx.setState(0x81)).toThrow('EFI_UNSUPPORTED');
    expect(() => bound('edk2').inputEx.setState(0x81)).not.toThrow();
  });
});

/** A world, and its methods to be used without it. */
function bound(profile: Profile) {
  const world = new TerminalWorld(profile);
  return {
    core: world.core,
    bs: world.bs,
    input: world.input,
    inputEx: world.inputEx,
    output: world.output,
    type: (text: string) => world.type(text),
    shown: () => world.shown(),
  };
}
