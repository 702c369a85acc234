import type { TraceEventName, Tracer } from '@dxelab/platform';
import type {
  DevicePath,
  EfiDriverBinding,
  EfiHandle,
  EfiStatus,
  Protocol,
  ProtocolInterface,
} from '@dxelab/uefi';
import {
  DriverBindingProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EVT_NOTIFY_SIGNAL,
  EfiError,
  TPL_CALLBACK,
  defineProtocol,
  isEfiFailure,
} from '@dxelab/uefi';
import type { Profile, QuirkName } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import { EventServices } from '../event/event-services.ts';
import { ModuleDebug } from '../misc/module-debug.ts';
import { TestPlatform } from '../test-platform.fixture.ts';
import { ProtocolServices } from './protocol-services.ts';

/** An interface that is nothing but itself. */
export interface Thing {
  readonly name: string;
}

export const AlphaProtocol: Protocol<Thing | null> = defineProtocol(
  'Alpha',
  'a0000000-0000-0000-0000-000000000001',
);
export const BetaProtocol: Protocol<Thing | null> = defineProtocol(
  'Beta',
  'b0000000-0000-0000-0000-000000000002',
);
export const GammaProtocol: Protocol<Thing | null> = defineProtocol(
  'Gamma',
  'c0000000-0000-0000-0000-000000000003',
);

/** The status of what a service throws, or EFI_SUCCESS. */
export function statusOf(body: () => unknown): EfiStatus {
  return errorOf(body)?.status ?? 'EFI_SUCCESS';
}

/** The failure that a service throws, if it fails. */
export function errorOf(body: () => unknown): EfiError | undefined {
  try {
    body();
  } catch (caught) {
    if (isEfiFailure(caught)) return caught;
    throw caught;
  }
  return undefined;
}

/** What a test's driver does; what it leaves out, it does as a good device driver of Alpha would. */
export interface TestDriver {
  readonly name: string;
  readonly version?: number;
  readonly imageHandle?: EfiHandle;
  supported?(controller: EfiHandle, remaining?: DevicePath): EfiStatus;
  start?(controller: EfiHandle, remaining?: DevicePath): void;
  stop?(controller: EfiHandle, children: readonly EfiHandle[]): void;
}

/** The protocol services over real events, with what tests need around them. */
export class HandWorld {
  readonly platform = new TestPlatform();
  readonly events: EventServices;
  readonly services: ProtocolServices;
  /** The names of the trace events raised, and their fields. */
  readonly traced: [name: TraceEventName, fields: object][] = [];
  /** The calls into drivers: `start DiskDxe 3`. */
  readonly log: string[] = [];
  readonly #names = new Map<EfiHandle, string>();

  constructor(
    profile: Profile = 'specification',
    overrides: Partial<Record<QuirkName, boolean>> = {},
  ) {
    const quirks = new Quirks(profile, overrides);
    const debug = new ModuleDebug(this.platform, 'DxeCore', undefined);
    this.events = new EventServices(this.platform, debug, quirks);
    const trace: Tracer = (name, fields) => this.traced.push([name, fields]);
    this.services = new ProtocolServices(this.events, {
      quirks,
      trace,
      nameOf: (handle) => this.#names.get(handle),
    });
  }

  /** A new handle with a protocol, Alpha unless it is said. */
  handle(protocol: Protocol<Thing | null> = AlphaProtocol, thing: Thing | null = null): EfiHandle {
    return this.services.installProtocolInterface(undefined, protocol, thing);
  }

  /** A new handle with several protocols. */
  handleWith(...interfaces: readonly ProtocolInterface[]): EfiHandle {
    return this.services.installMultipleProtocolInterfaces(undefined, ...interfaces);
  }

  /** An event that notes its name in the log when it is notified. */
  noting(name: string, tpl: number = TPL_CALLBACK) {
    return this.events.createEvent(
      EVT_NOTIFY_SIGNAL,
      tpl,
      () => this.log.push(`${name}@${this.events.currentTpl}`),
      null,
    );
  }

  /** Installs a driver binding on a new handle, which is its image, too. */
  driver(driver: TestDriver): EfiHandle {
    const image = this.handle(GammaProtocol);
    const binding = this.binding(driver, image);
    this.services.installProtocolInterface(image, DriverBindingProtocol, binding);
    return image;
  }

  /** A driver binding whose calls go to the log. */
  binding(driver: TestDriver, handle: EfiHandle): EfiDriverBinding {
    const bs = this.services;
    this.#names.set(handle, driver.name);
    return {
      version: driver.version ?? 0x10,
      imageHandle: driver.imageHandle ?? handle,
      driverBindingHandle: handle,
      supported: (controller, remaining) => {
        this.log.push(`supported ${driver.name} ${controller.number}`);
        if (driver.supported !== undefined) return driver.supported(controller, remaining);
        const by = EFI_OPEN_PROTOCOL_BY_DRIVER;
        const { status } = bs.tryOpenProtocol(controller, AlphaProtocol, handle, controller, by);
        if (status === 'EFI_SUCCESS') {
          bs.closeProtocol(controller, AlphaProtocol, handle, controller);
        }
        return status;
      },
      start: (controller, remaining) => {
        this.log.push(`start ${driver.name} ${controller.number}`);
        if (driver.start !== undefined) return driver.start(controller, remaining);
        const by = EFI_OPEN_PROTOCOL_BY_DRIVER;
        bs.openProtocol(controller, AlphaProtocol, handle, controller, by);
      },
      stop: (controller, children) => {
        const which = children.map(({ number }) => ` ${number}`).join('');
        this.log.push(`stop ${driver.name} ${controller.number}:${which}`);
        if (driver.stop !== undefined) return driver.stop(controller, children);
        bs.closeProtocol(controller, AlphaProtocol, handle, controller);
      },
    };
  }

  /** The log so far, which starts anew. */
  takeLog(): string[] {
    return this.log.splice(0);
  }
}

/** A failure with nothing to say but its status. */
export function failure(status: 'EFI_DEVICE_ERROR' | 'EFI_OUT_OF_RESOURCES' | 'EFI_UNSUPPORTED') {
  return new EfiError(status, 'as the test wants it');
}
