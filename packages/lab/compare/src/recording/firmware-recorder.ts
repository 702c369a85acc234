import type { DxeCore, HandleSnapshot } from '@dxelab/dxe-core';
import type { Tracer } from '@dxelab/platform';
import type { EfiPciIo } from '@dxelab/uefi';
import { PciIoProtocol } from '@dxelab/uefi';
import type { AccessRecorder, Handlers } from './access-recorder.ts';
import { addCall, CallObserver, pathOf } from './call-observer.ts';
import type { DeviceLog } from './device-log.ts';

/** What a handle belongs to. */
interface HandlePlace {
  readonly log: DeviceLog;
  /** Below the device; empty for its own handle. */
  readonly place: string;
}

/** Hears which handles drivers make on devices, and how drivers and protocols are called there. */
export class FirmwareRecorder {
  readonly tracer: Tracer;
  readonly #accesses: () => AccessRecorder | undefined;
  readonly #calls = new CallObserver();
  /** The logs of devices by the text of their device path. */
  readonly #devices = new Map<string, DeviceLog>();
  readonly #handles = new Map<number, HandlePlace>();
  #core: DxeCore | undefined;

  /** @param accesses what hears of the same boot's accesses, once there is a machine */
  constructor(accesses: () => AccessRecorder | undefined) {
    this.#accesses = accesses;
    const handlers: Handlers = {
      install_protocol: ({ handle }) => this.#installed(handle),
      driver_binding_supported_end: (call) => this.#called(call, 'supported'),
      driver_binding_start_end: (call) => this.#called(call, 'start'),
      driver_binding_stop_end: (call) => this.#called(call, 'stop'),
    };
    this.tracer = (name, fields) => handlers[name]?.(fields);
  }

  attach(core: DxeCore): void {
    this.#core = core;
    for (const [path, log] of this.#accesses()?.logsByPath ?? []) this.#devices.set(path, log);
  }

  #installed(number: number): void {
    const snapshot = this.#core?.handles().find(({ handle }) => handle.number === number);
    const path = snapshot === undefined ? undefined : pathOf(snapshot);
    if (snapshot === undefined || path === undefined) return;
    this.#rememberFunction(snapshot, path);
    for (const [device, log] of this.#devices) {
      if (path !== device && !path.startsWith(`${device}/`)) continue;
      const place = path.slice(device.length + 1);
      this.#handles.set(number, { log, place });
      this.#calls.observe(snapshot, log, place);
    }
  }

  /** PciIo knows which function its handle stands for. */
  #rememberFunction({ protocols }: HandleSnapshot, path: string): void {
    const pciIo = protocols.find(({ guid }) => guid === PciIoProtocol.guid)?.interface;
    if (!isPciIo(pciIo) || this.#devices.has(path)) return;
    const { bus, device, function: func } = pciIo.getLocation();
    const log = this.#accesses()?.logOfFunction(bus * 0x100 + device * 8 + func);
    if (log !== undefined) this.#devices.set(path, log);
  }

  #called(
    call: {
      readonly controller: number;
      readonly driver: string;
      readonly status: string | undefined;
    },
    member: string,
  ): void {
    const { log, place } = this.#handles.get(call.controller) ?? {};
    if (log === undefined || place === undefined) return;
    addCall(log, `${call.driver}.${member}`, place, call.status ?? 'ended with the world');
  }
}

/** What is installed under the GUID of PciIo is one, unless a driver lies. */
function isPciIo(candidate: unknown): candidate is Pick<EfiPciIo, 'getLocation'> {
  return typeof candidate === 'object' && candidate !== null && 'getLocation' in candidate;
}
