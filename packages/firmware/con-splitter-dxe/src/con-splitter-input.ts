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
import { EfiError, EVT_NOTIFY_WAIT, TPL_NOTIFY } from '@dxelab/uefi';
import { onAll } from './on-all.ts';

/** A keyboard behind the console. */
export type InputDevice = EfiSimpleTextInputEx;

/** What somebody wants to be told of, and the registrations that stand for it at the devices. */
interface KeyNotify extends EfiKeyNotifyHandle {
  readonly keyData: EfiKeyData;
  readonly notify: EfiKeyNotifyFunction;
  readonly devices: Map<InputDevice, EfiKeyNotifyHandle>;
}

/**
 * ConIn: a keyboard that is all keyboards (UEFI §12.2, §12.3).
 * MdeModulePkg/Universal/Console/ConSplitterDxe/ConSplitter.c, ConSplitterTextIn….
 */
export class ConSplitterInput implements EfiSimpleTextInput, EfiSimpleTextInputEx {
  readonly waitForKey: EfiEvent;
  readonly waitForKeyEx: EfiEvent;
  readonly #devices = new Set<InputDevice>();
  readonly #notifies = new Set<KeyNotify>();
  /** A key that was found when somebody asked whether there is one. */
  #ahead: EfiKeyData | undefined;

  constructor(bs: EfiBootServices) {
    // the devices' own events would not be heard at their TPL, which is this one
    const look = (event: EfiEvent): void => {
      this.#ahead ??= this.#read();
      if (this.#ahead !== undefined) bs.signalEvent(event);
    };
    this.waitForKey = bs.createEvent(EVT_NOTIFY_WAIT, TPL_NOTIFY, look, null);
    this.waitForKeyEx = bs.createEvent(EVT_NOTIFY_WAIT, TPL_NOTIFY, look, null);
  }

  /** Its keys count from now on, also for those who are to be told of keys. @throws EFI_OUT_OF_RESOURCES */
  add(device: InputDevice): void {
    for (const { keyData, notify, devices } of this.#notifies) {
      devices.set(device, device.registerKeyNotify(keyData, notify));
    }
    this.#devices.add(device);
  }

  remove(device: InputDevice): void {
    this.#devices.delete(device);
    for (const one of this.#notifies) this.#unregister(one, device);
  }

  reset(extendedVerification: boolean): void {
    this.#ahead = undefined;
    onAll(this.#devices, (device) => device.reset(extendedVerification));
  }

  readKeyStroke(): EfiInputKey | undefined {
    return this.readKeyStrokeEx()?.key;
  }

  readKeyStrokeEx(): EfiKeyData | undefined {
    const key = this.#ahead ?? this.#read();
    this.#ahead = undefined;
    return key;
  }

  setState(keyToggleState: number): void {
    onAll(this.#devices, (device) => device.setState(keyToggleState));
  }

  registerKeyNotify(keyData: EfiKeyData, notify: EfiKeyNotifyFunction): EfiKeyNotifyHandle {
    for (const one of this.#notifies) {
      if (one.notify === notify && isSameKey(one.keyData, keyData)) return one;
    }
    const one: KeyNotify = { keyNotify: true, keyData, notify, devices: new Map() };
    for (const device of this.#devices) {
      one.devices.set(device, device.registerKeyNotify(keyData, notify));
    }
    this.#notifies.add(one);
    return one;
  }

  unregisterKeyNotify(handle: EfiKeyNotifyHandle): void {
    for (const one of this.#notifies) {
      if (one !== handle) continue;
      this.#notifies.delete(one);
      for (const device of one.devices.keys()) this.#unregister(one, device);
      return;
    }
    throw new EfiError('EFI_INVALID_PARAMETER', 'this key notification is not registered');
  }

  #read(): EfiKeyData | undefined {
    for (const device of this.#devices) {
      const key = device.readKeyStrokeEx();
      if (key !== undefined) return key;
    }
    return undefined;
  }

  /** A device that cannot tell modifiers has one registration where the console has several. */
  #unregister({ devices }: KeyNotify, device: InputDevice): void {
    const handle = devices.get(device);
    if (handle === undefined) return;
    devices.delete(device);
    for (const other of this.#notifies) if (other.devices.get(device) === handle) return;
    device.unregisterKeyNotify(handle);
  }
}

function isSameKey(left: EfiKeyData, right: EfiKeyData): boolean {
  return (
    left.key.scanCode === right.key.scanCode &&
    left.key.unicodeChar === right.key.unicodeChar &&
    left.keyState.keyShiftState === right.keyState.keyShiftState &&
    left.keyState.keyToggleState === right.keyState.keyToggleState
  );
}
