import type { HandleSnapshot } from '@dxelab/dxe-core';
import { isTerminalSignal } from '@dxelab/platform';
import { convertDevicePathToText, DevicePathProtocol, isEfiFailure } from '@dxelab/uefi';
import type { DeviceLog } from './device-log.ts';

/** Protocols whose calls are seen as what they do to the device, or do nothing to it. */
const UNOBSERVED: ReadonlySet<string> = new Set([
  'PciIo',
  'VirtioDevice',
  'VirtioQueueAccess',
  'DevicePath',
]);

/** Writes down how the calls of the protocols end that drivers install on a device. */
export class CallObserver {
  readonly #seen = new WeakSet();
  /** Whose calls are being made. */
  readonly #busy = new Set<object>();

  /** Looks at a handle for protocols that have not been seen. @param place where it is below the device */
  observe({ protocols }: HandleSnapshot, log: DeviceLog, place: string): void {
    for (const { name, interface: members } of protocols) {
      if (UNOBSERVED.has(name) || typeof members !== 'object' || members === null) continue;
      if (this.#seen.has(members)) continue;
      this.#seen.add(members);
      for (const member of functionsOf(members))
        this.#wrap(members, member, `${name}.${member}`, log, place);
    }
  }

  /**
   * Puts a function of the object's own before one of its class. What an object calls of itself is no
   * call of the protocol.
   */
  #wrap(members: object, member: string, name: string, log: DeviceLog, place: string): void {
    const original: unknown = Reflect.get(members, member);
    if (typeof original !== 'function') return;
    const busy = this.#busy;
    const wrapped = function wrapped(this: unknown, ...args: readonly unknown[]): unknown {
      if (busy.has(members)) return Reflect.apply(original, this, args);
      busy.add(members);
      try {
        const result: unknown = Reflect.apply(original, this, args);
        addCall(log, name, place, 'EFI_SUCCESS');
        return result;
      } catch (caught) {
        if (!isTerminalSignal(caught)) {
          addCall(log, name, place, isEfiFailure(caught) ? caught.status : 'a bug');
        }
        throw caught;
      } finally {
        busy.delete(members);
      }
    };
    Reflect.defineProperty(members, member, { value: wrapped, writable: true, configurable: true });
  }
}

/** Writes down a call. @param place of the handle below the device; empty for the device's own */
export function addCall(log: DeviceLog, name: string, place: string, status: string): void {
  log.add({
    kind: 'call',
    name,
    subject: place === '' ? name : `${name} of ${place}`,
    facts: [{ part: 'status', text: status }],
  });
}

/** The text of the device path on a handle, if it has one that is well-formed. */
export function pathOf({ protocols }: HandleSnapshot): string | undefined {
  const path = protocols.find(({ guid }) => guid === DevicePathProtocol.guid)?.interface;
  if (!(path instanceof Uint8Array)) return undefined;
  try {
    return convertDevicePathToText(path);
  } catch (caught) {
    if (isEfiFailure(caught)) return undefined;
    throw caught;
  }
}

/** The names of the functions of an object and of its classes, in a fixed order. */
function functionsOf(members: object): readonly string[] {
  const names = new Set<string>();
  for (
    let level: object | null = members;
    level !== null && level !== Object.prototype;
    level = Reflect.getPrototypeOf(level)
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
    }
  }
  return [...names].toSorted();
}
