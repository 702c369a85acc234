import type {
  EfiBootServices,
  EfiEvent,
  EfiInputKey,
  EfiKeyData,
  EfiKeyNotifyFunction,
  EfiKeyNotifyHandle,
  EfiSimpleTextInput,
  EfiSimpleTextInputEx,
} from '@dxelab/uefi';
import {
  EFI_TOGGLE_STATE_VALID,
  EVT_NOTIFY_SIGNAL,
  EVT_NOTIFY_WAIT,
  EVT_TIMER,
  EfiError,
  TPL_CALLBACK,
  TPL_NOTIFY,
} from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import { KeyDecoder } from './key-decoder.ts';
import type { SerialLine } from './serial-line.ts';
import { Utf8Decoder } from './utf8-decoder.ts';

/** How often the port is looked at, in 100 ns: 50 times a second. */
const POLL_PERIOD = 200_000;
/** How long after ESC the rest of a sequence may come, in 100 ns: two seconds. */
const ESCAPE_TIMEOUT = 20_000_000;
/** How many keys wait; what comes then is lost. */
const CAPACITY = 256;
/** A serial line tells neither Shift nor the lights. */
const NO_STATE = { keyShiftState: 0, keyToggleState: 0 };

interface KeyNotify extends EfiKeyNotifyHandle {
  readonly keyData: EfiKeyData;
  readonly notify: EfiKeyNotifyFunction;
}

/**
 * EFI_SIMPLE_TEXT_INPUT(_EX)_PROTOCOL on a VT-UTF8 terminal (UEFI §12.2, §12.3). The line is looked at when
 * somebody asks, and by a timer from the first time that somebody has asked.
 * MdeModulePkg/Universal/Console/TerminalDxe/TerminalConIn.c.
 */
export class TerminalInput implements EfiSimpleTextInput, EfiSimpleTextInputEx {
  readonly waitForKey: EfiEvent;
  readonly waitForKeyEx: EfiEvent;
  readonly #bs: EfiBootServices;
  readonly #line: SerialLine;
  readonly #utf8 = new Utf8Decoder();
  readonly #decoder: KeyDecoder;
  readonly #keys: EfiInputKey[] = [];
  readonly #notifies = new Set<KeyNotify>();
  /** Keys that somebody is still to be told of. */
  readonly #toTell: { readonly to: KeyNotify; readonly keyData: EfiKeyData }[] = [];
  readonly #poll: EfiEvent;
  readonly #escape: EfiEvent;
  readonly #tell: EfiEvent;
  readonly #ignoresState: boolean;
  #isPolling = false;

  constructor(bs: EfiBootServices, line: SerialLine, quirks: Quirks) {
    this.#bs = bs;
    this.#line = line;
    this.#decoder = new KeyDecoder(quirks.has('TerminalDxe.KeysOfVtUtf8Only'));
    this.#ignoresState = quirks.has('TerminalDxe.ToggleStateIgnored');
    const look = (event: EfiEvent): void => {
      this.#read();
      if (this.#keys.length > 0) bs.signalEvent(event);
    };
    this.waitForKey = bs.createEvent(EVT_NOTIFY_WAIT, TPL_NOTIFY, look, null);
    this.waitForKeyEx = bs.createEvent(EVT_NOTIFY_WAIT, TPL_NOTIFY, look, null);
    const timer = EVT_TIMER + EVT_NOTIFY_SIGNAL;
    this.#poll = bs.createEvent(timer, TPL_NOTIFY, () => this.#read(), null);
    this.#escape = bs.createEvent(
      timer,
      TPL_NOTIFY,
      () => this.#accept(this.#decoder.flush()),
      null,
    );
    this.#tell = bs.createEvent(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, () => this.#tellAll(), null);
  }

  /** Looks at the port no more, and is of no use any more. */
  close(): void {
    const { waitForKey, waitForKeyEx } = this;
    for (const event of [waitForKey, waitForKeyEx, this.#poll, this.#escape, this.#tell]) {
      this.#bs.closeEvent(event);
    }
  }

  reset(_extendedVerification: boolean): void {
    const tpl = this.#bs.raiseTpl(TPL_NOTIFY);
    this.#bs.setTimer(this.#escape, 'TimerCancel');
    this.#decoder.flush();
    this.#keys.length = 0;
    while (this.#line.read() !== undefined);
    this.#bs.restoreTpl(tpl);
  }

  readKeyStroke(): EfiInputKey | undefined {
    const tpl = this.#bs.raiseTpl(TPL_NOTIFY);
    this.#read();
    const key = this.#keys.shift();
    this.#bs.restoreTpl(tpl);
    return key;
  }

  readKeyStrokeEx(): EfiKeyData | undefined {
    const key = this.readKeyStroke();
    return key && { key, keyState: NO_STATE };
  }

  setState(keyToggleState: number): void {
    const isValid = (keyToggleState & EFI_TOGGLE_STATE_VALID) !== 0;
    if (isValid && this.#ignoresState) return;
    throw new EfiError('EFI_UNSUPPORTED', 'a terminal has no lights to set');
  }

  registerKeyNotify(keyData: EfiKeyData, notify: EfiKeyNotifyFunction): EfiKeyNotifyHandle {
    for (const one of this.#notifies) {
      // the same again is no second registration
      if (one.notify === notify && isSameKey(one.keyData.key, keyData.key)) return one;
    }
    const handle: KeyNotify = { keyNotify: true, keyData, notify };
    this.#notifies.add(handle);
    this.#startPolling();
    return handle;
  }

  unregisterKeyNotify(handle: EfiKeyNotifyHandle): void {
    for (const one of this.#notifies) {
      if (one === handle) {
        this.#notifies.delete(one);
        return;
      }
    }
    throw new EfiError('EFI_INVALID_PARAMETER', 'this key notification is not registered');
  }

  #startPolling(): void {
    if (this.#isPolling) return;
    this.#isPolling = true;
    this.#bs.setTimer(this.#poll, 'TimerPeriodic', POLL_PERIOD);
  }

  /** Takes what has come at the port. */
  #read(): void {
    this.#startPolling();
    for (;;) {
      const byte = this.#line.read();
      if (byte === undefined) return;
      for (const character of this.#utf8.decode(byte)) {
        this.#accept(this.#decoder.decode(character));
        if (this.#decoder.isPending) {
          this.#bs.setTimer(this.#escape, 'TimerRelative', ESCAPE_TIMEOUT);
        } else {
          this.#bs.setTimer(this.#escape, 'TimerCancel');
        }
      }
    }
  }

  #accept(keys: readonly EfiInputKey[]): void {
    for (const key of keys) {
      for (const to of this.#notifies) {
        if (!isSameKey(to.keyData.key, key)) continue;
        this.#toTell.push({ to, keyData: { key, keyState: NO_STATE } });
        this.#bs.signalEvent(this.#tell);
      }
      if (this.#keys.length < CAPACITY) this.#keys.push(key);
    }
  }

  #tellAll(): void {
    for (;;) {
      const next = this.#toTell.shift();
      if (next === undefined) return;
      if (this.#notifies.has(next.to)) next.to.notify(next.keyData);
    }
  }
}

function isSameKey(left: EfiInputKey, right: EfiInputKey): boolean {
  return left.scanCode === right.scanCode && left.unicodeChar === right.unicodeChar;
}
