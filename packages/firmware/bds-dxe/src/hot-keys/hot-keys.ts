import type {
  EfiBootServices,
  EfiEvent,
  EfiKeyData,
  EfiKeyNotifyHandle,
  EfiSimpleTextInputEx,
  EfiSystemTable,
  HotKey,
  HotKeyModifier,
} from '@dxelab/uefi';
import {
  EFI_EVENT_GROUP_READY_TO_BOOT,
  EVT_NOTIFY_SIGNAL,
  EVT_NOTIFY_WAIT,
  isEfiFailure,
  SimpleTextInputExProtocol,
  TPL_CALLBACK,
} from '@dxelab/uefi';
import type { DebugLib } from '@dxelab/uefi-lib';
import { DEBUG_INFO } from '@dxelab/uefi-lib';
import type { BootOption } from '../boot-option.ts';
import { handlesWith } from '../connect.ts';
import { opened } from '../opened.ts';
import { isSameStroke, keySequences } from './key-sequences.ts';

/** Keys, and what they are pressed for. */
export interface HotKeyOptions {
  readonly keys: readonly HotKey[];
  readonly modifiers: readonly HotKeyModifier[];
  /** What is to be booted when they are pressed; without it they only end the wait. */
  readonly option?: () => BootOption | undefined;
}

/** A sequence of key strokes, and how far it has come. */
interface Sequence {
  readonly strokes: readonly EfiKeyData[];
  readonly option: HotKeyOptions['option'];
  waitingFor: number;
}

/**
 * Listens for hot keys at the consoles until somebody is ready to boot (UEFI §3.1.6).
 * MdeModulePkg/Library/UefiBootManagerLib/BmHotkey.c.
 */
export class HotKeys {
  /** Signalled when one was pressed. */
  readonly triggered: EfiEvent;
  readonly #systemTable: EfiSystemTable;
  readonly #bs: EfiBootServices;
  readonly #debug: DebugLib;
  readonly #sequences: Sequence[] = [];
  readonly #inputs = new Set<EfiSimpleTextInputEx>();
  readonly #registered = new Map<EfiKeyNotifyHandle, EfiSimpleTextInputEx>();
  readonly #events: EfiEvent[];
  #pressed: BootOption | undefined;
  #isStopped = false;

  constructor(systemTable: EfiSystemTable, debug: DebugLib) {
    const { bootServices: bs, consoleInHandle } = systemTable;
    this.#systemTable = systemTable;
    this.#bs = bs;
    this.#debug = debug;
    this.triggered = bs.createEvent(EVT_NOTIFY_WAIT, TPL_CALLBACK, () => {}, null);
    const [signal, group] = [EVT_NOTIFY_SIGNAL, EFI_EVENT_GROUP_READY_TO_BOOT];
    const stop = bs.createEventEx(signal, TPL_CALLBACK, () => this.stop(), null, group);
    this.#events = [stop];
    if (consoleInHandle !== undefined) return;
    // Without a console that stands for all others, those that come later have hot keys, too.
    const look = (): void => this.#registerAll();
    const come = bs.createEvent(signal, TPL_CALLBACK, look, null);
    bs.registerProtocolNotify(SimpleTextInputExProtocol, come);
    this.#events.push(come);
  }

  /** Listens for these keys, too. */
  add({ keys, modifiers, option }: HotKeyOptions): void {
    if (this.#isStopped || keys.length === 0) return;
    for (const strokes of keySequences(keys, modifiers)) {
      this.#sequences.push({ strokes, option, waitingFor: 0 });
    }
    this.#registerAll();
  }

  /** What was asked for by a hot key; it is asked for once. */
  take(): BootOption | undefined {
    const pressed = this.#pressed;
    this.#pressed = undefined;
    return pressed;
  }

  /** Has keyboards that nobody reads look whether there is a key, and tell of it; it takes none. */
  look(): void {
    for (const { waitForKeyEx } of this.#inputs) this.#bs.checkEvent(waitForKeyEx);
  }

  /** Listens no more. */
  stop(): void {
    this.#isStopped = true;
    for (const event of this.#events.splice(0)) this.#bs.closeEvent(event);
    for (const [handle, input] of this.#registered) {
      attempt(() => input.unregisterKeyNotify(handle));
    }
    this.#registered.clear();
    this.#inputs.clear();
    this.#sequences.length = 0;
  }

  #registerAll(): void {
    for (const input of this.#consoles()) {
      this.#inputs.add(input);
      for (const { strokes } of this.#sequences) {
        for (const stroke of strokes) {
          // the same again is no second registration: the console answers with the first
          attempt(() =>
            this.#registered.set(input.registerKeyNotify(stroke, this.#onStroke), input),
          );
        }
      }
    }
  }

  /** That of the system table, or, where there is none, all. */
  #consoles(): readonly EfiSimpleTextInputEx[] {
    if (this.#sequences.length === 0) return [];
    const { consoleInHandle } = this.#systemTable;
    const handles =
      consoleInHandle === undefined
        ? handlesWith(this.#bs, SimpleTextInputExProtocol)
        : [consoleInHandle];
    return handles.flatMap((handle) => opened(this.#bs, handle, SimpleTextInputExProtocol) ?? []);
  }

  /** One function for all keys, so that a console calls it once for each stroke. */
  readonly #onStroke = (stroke: EfiKeyData): void => {
    // one at a time: what was asked for first is booted first
    if (this.#pressed !== undefined) return;
    for (const sequence of this.#sequences) {
      const wanted = sequence.strokes[sequence.waitingFor];
      const isWanted = wanted !== undefined && isSameStroke(wanted, stroke);
      sequence.waitingFor = isWanted ? sequence.waitingFor + 1 : 0;
      if (sequence.waitingFor === sequence.strokes.length) this.#complete(sequence);
    }
  };

  #complete(sequence: Sequence): void {
    sequence.waitingFor = 0;
    this.#bs.signalEvent(this.triggered);
    const option = sequence.option?.();
    this.#debug.debug(DEBUG_INFO, `hot key for ${option?.description ?? 'going on'}`);
    this.#pressed ??= option;
  }
}

/** What a console refuses is no hot key. */
function attempt(body: () => void): void {
  try {
    body();
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
  }
}
