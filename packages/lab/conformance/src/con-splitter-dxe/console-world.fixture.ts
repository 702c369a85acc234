import { conPlatformDxe, earlyConsoleDxe } from '@dxelab/con-platform-dxe';
import { conSplitterDxe } from '@dxelab/con-splitter-dxe';
import type { DxeCore } from '@dxelab/dxe-core';
import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine, Uart16550 } from '@dxelab/emulated-machine';
import { serialDxe } from '@dxelab/serial-dxe';
import { terminalDxe } from '@dxelab/terminal-dxe';
import type {
  DevicePath,
  EfiBootServices,
  EfiEvent,
  EfiHandle,
  EfiInputKey,
  EfiKeyData,
  EfiKeyNotifyFunction,
  EfiKeyNotifyHandle,
  EfiSimpleTextInput,
  EfiSimpleTextInputEx,
  EfiSimpleTextOutput,
  EfiSimpleTextOutputMode,
  EfiSystemTable,
} from '@dxelab/uefi';
import {
  DevicePathProtocol,
  EFI_GLOBAL_VARIABLE,
  EfiError,
  EVT_NOTIFY_WAIT,
  isEfiFailure,
  protocolInterface,
  SimpleTextInputExProtocol,
  SimpleTextInputProtocol,
  SimpleTextOutputProtocol,
  TPL_NOTIFY,
} from '@dxelab/uefi';
import type { Profile, QuirkName } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import { variableRuntimeDxe } from '@dxelab/variable-runtime-dxe';

const BS_RT_NV = 7;

/** A keyboard whose keys are pressed by the test. */
export class TestKeyboard implements EfiSimpleTextInput, EfiSimpleTextInputEx {
  readonly waitForKey: EfiEvent;
  readonly waitForKeyEx: EfiEvent;
  readonly keys: EfiInputKey[] = [];
  readonly registered = new Map<EfiKeyNotifyHandle, EfiKeyNotifyFunction>();
  resets = 0;
  toggleState = 0;

  constructor(bs: EfiBootServices) {
    const look = (event: EfiEvent): void => {
      if (this.keys.length > 0) bs.signalEvent(event);
    };
    this.waitForKey = bs.createEvent(EVT_NOTIFY_WAIT, TPL_NOTIFY, look, null);
    this.waitForKeyEx = bs.createEvent(EVT_NOTIFY_WAIT, TPL_NOTIFY, look, null);
  }

  press(character: string): void {
    const key = { scanCode: 0, unicodeChar: character.charCodeAt(0) };
    this.keys.push(key);
    const keyState = { keyShiftState: 0, keyToggleState: 0 };
    for (const notify of this.registered.values()) notify({ key, keyState });
  }

  reset(): void {
    this.resets += 1;
    this.keys.length = 0;
  }

  readKeyStroke(): EfiInputKey | undefined {
    return this.keys.shift();
  }

  readKeyStrokeEx(): EfiKeyData | undefined {
    const key = this.keys.shift();
    return key && { key, keyState: { keyShiftState: 0, keyToggleState: 0 } };
  }

  setState(keyToggleState: number): void {
    this.toggleState = keyToggleState;
  }

  registerKeyNotify(_keyData: EfiKeyData, notify: EfiKeyNotifyFunction): EfiKeyNotifyHandle {
    const handle: EfiKeyNotifyHandle = { keyNotify: true };
    this.registered.set(handle, notify);
    return handle;
  }

  unregisterKeyNotify(handle: EfiKeyNotifyHandle): void {
    if (!this.registered.delete(handle)) throw new EfiError('EFI_INVALID_PARAMETER', 'unknown');
  }
}

/** A screen that writes down what is done to it, and can be told to fail. */
export class TestScreen implements EfiSimpleTextOutput {
  readonly done: string[] = [];
  fails = false;
  warns = false;
  readonly #modes: readonly (readonly [number, number])[];
  #mode = 0;
  #attribute = 7;
  #cursorVisible = true;
  column = 0;

  /** @param modes columns and rows of each; 0 × 0 for a number without a mode */
  constructor(modes: readonly (readonly [number, number])[]) {
    this.#modes = modes;
  }

  get mode(): EfiSimpleTextOutputMode {
    return {
      maxMode: this.#modes.length,
      mode: this.#mode,
      attribute: this.#attribute,
      cursorColumn: this.column,
      cursorRow: 0,
      cursorVisible: this.#cursorVisible,
    };
  }

  reset(extendedVerification: boolean): void {
    this.#do(`reset ${extendedVerification}`);
  }

  outputString(text: string): 'EFI_WARN_UNKNOWN_GLYPH' | void {
    this.#do(text);
    this.column += text.length;
    if (this.warns) return 'EFI_WARN_UNKNOWN_GLYPH';
  }

  testString(): boolean {
    return !this.warns;
  }

  queryMode(modeNumber: number): { columns: number; rows: number } {
    const [columns, rows] = this.#modes[modeNumber] ?? [0, 0];
    if (columns === 0) throw new EfiError('EFI_UNSUPPORTED', 'no such mode');
    return { columns, rows };
  }

  setMode(modeNumber: number): void {
    this.queryMode(modeNumber);
    this.#mode = modeNumber;
    this.#do(`mode ${modeNumber}`);
  }

  setAttribute(attribute: number): void {
    this.#attribute = attribute;
    this.#do(`attribute ${attribute}`);
  }

  clearScreen(): void {
    this.#do('clear');
  }

  setCursorPosition(column: number, row: number): void {
    this.#do(`cursor ${column},${row}`);
  }

  enableCursor(visible: boolean): void {
    this.#cursorVisible = visible;
    this.#do(`cursor ${visible}`);
  }

  #do(what: string): void {
    if (this.fails) throw new EfiError('EFI_DEVICE_ERROR', 'the screen is broken');
    this.done.push(what);
  }
}

export interface ConsoleWorldOptions {
  readonly profile?: Profile;
  readonly quirks?: Partial<Record<QuirkName, boolean>>;
  /** Variables that there are from the beginning. */
  readonly variables?: Readonly<Record<string, DevicePath>>;
}

/** A firmware of consoles and variables, without BDS: a test says what is connected. */
export class ConsoleWorld {
  readonly core: DxeCore;
  readonly #uart: Uart16550;
  readonly #sent: number[] = [];

  constructor({
    profile = 'specification',
    quirks = {},
    variables = {},
  }: ConsoleWorldOptions = {}) {
    this.#uart = new Uart16550((byte) => this.#sent.push(byte));
    const machine = createEmulatedMachine({ memory: 16 * 2 ** 20, devices: [this.#uart] });
    this.core = createDxeCore(machine.platform, {
      modules: [
        variableRuntimeDxe(),
        {
          name: 'Variables',
          fileGuid: '0f7c9a52-60a5-4b53-9f5e-3f2d0a1b7c01',
          moduleType: 'DXE_DRIVER',
          depex: { op: 'TRUE' },
          entryPoint: (_imageHandle, { runtimeServices: rs }) => {
            for (const [name, data] of Object.entries(variables)) {
              rs.setVariable(name, EFI_GLOBAL_VARIABLE, BS_RT_NV, data);
            }
          },
        },
        serialDxe,
        conPlatformDxe,
        conSplitterDxe,
        terminalDxe,
        earlyConsoleDxe,
      ],
      quirks: new Quirks(profile, quirks),
    });
    this.core.dispatch();
  }

  get systemTable(): EfiSystemTable {
    return this.core.systemTable;
  }

  get bs(): EfiBootServices {
    return this.core.systemTable.bootServices;
  }

  get conIn(): EfiSimpleTextInput {
    return there(this.systemTable.conIn);
  }

  get conInEx(): EfiSimpleTextInputEx {
    const handle = there(this.systemTable.consoleInHandle);
    return this.bs.handleProtocol(handle, SimpleTextInputExProtocol);
  }

  get conOut(): EfiSimpleTextOutput {
    return there(this.systemTable.conOut);
  }

  get stdErr(): EfiSimpleTextOutput {
    return there(this.systemTable.stdErr);
  }

  /** A handle with a keyboard, connected. */
  plugKeyboard(path: DevicePath): { keyboard: TestKeyboard; handle: EfiHandle } {
    const keyboard = new TestKeyboard(this.bs);
    const handle = this.bs.installMultipleProtocolInterfaces(
      undefined,
      protocolInterface(DevicePathProtocol, path),
      protocolInterface(SimpleTextInputProtocol, keyboard),
      protocolInterface(SimpleTextInputExProtocol, keyboard),
    );
    this.connect(handle);
    return { keyboard, handle };
  }

  /** A handle with a screen, connected. */
  plugScreen(path: DevicePath, screen: TestScreen): EfiHandle {
    const handle = this.bs.installMultipleProtocolInterfaces(
      undefined,
      protocolInterface(DevicePathProtocol, path),
      protocolInterface(SimpleTextOutputProtocol, screen),
    );
    this.connect(handle);
    return handle;
  }

  /** Whether some driver came. */
  connect(handle: EfiHandle): boolean {
    try {
      this.bs.connectController(handle, undefined, undefined, true);
      return true;
    } catch (caught) {
      if (isEfiFailure(caught)) return false;
      throw caught;
    }
  }

  /** The paths that a variable names; `undefined` if there is none. */
  variable(name: string): Uint8Array | undefined {
    try {
      return this.systemTable.runtimeServices.getVariable(name, EFI_GLOBAL_VARIABLE).data;
    } catch (caught) {
      if (isEfiFailure(caught)) return undefined;
      throw caught;
    }
  }

  type(text: string): void {
    this.#uart.receive(new TextEncoder().encode(text));
  }

  /** What has left the serial port since the last time. */
  sent(): string {
    return new TextDecoder().decode(Uint8Array.from(this.#sent.splice(0)));
  }
}

function there<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new TypeError('the system table has no such console');
  return value;
}
