import type {
  EfiDriverBinding,
  EfiEvent,
  EfiHandle,
  EfiStatus,
  Protocol,
  ProtocolRegistration,
} from '@dxelab/uefi';
import {
  DriverBindingProtocol,
  EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  efiStatusOf,
  EVT_NOTIFY_SIGNAL,
  TPL_NOTIFY,
} from '@dxelab/uefi';
import { Alpha, Beta, ServicesWorld } from '../services/services-world.fixture.ts';
import { same } from './sct-check.fixture.ts';

/** How a test driver differs from a device driver of version 0x10 that manages what has Alpha. */
export interface TestDriver {
  readonly version?: number;
  /** Its Start makes so many children, with Beta on them, and Alpha of the parent open for each. */
  readonly children?: number;
  readonly manages?: Protocol<object>;
}

/** An event that counts its notifications, and what it was registered for. */
export interface Notified {
  readonly event: EfiEvent;
  readonly registration: ProtocolRegistration;
  times: number;
}

/** The world of the services, with the test drivers and the helpers of the SCT's test cases. */
export class SctWorld extends ServicesWorld {
  /** Which drivers have started, in order. */
  readonly started: EfiHandle[] = [];

  /** The service ends with this status. */
  expectStatus(status: EfiStatus, service: () => unknown): void {
    let ended: EfiStatus = 'EFI_SUCCESS';
    try {
      service();
    } catch (caught) {
      ended = efiStatusOf(caught);
    }
    same<EfiStatus>(ended, status);
  }

  /** A new handle with this protocol on it. */
  handleOf(protocol: Protocol<object>, instance: object = {}): EfiHandle {
    return this.bs.installProtocolInterface(undefined, protocol, instance);
  }

  /** Whether the handle has it. */
  has(handle: EfiHandle, protocol: Protocol<unknown>): boolean {
    return this.handlesOf(protocol).includes(handle);
  }

  /** All handles that have it. */
  handlesOf(protocol: Protocol<unknown>): readonly EfiHandle[] {
    try {
      return this.bs.locateHandleBuffer({ type: 'ByProtocol', protocol });
    } catch (caught) {
      same(efiStatusOf(caught), 'EFI_NOT_FOUND');
      return [];
    }
  }

  /** Counts how often Alpha (or another) is installed. */
  notify(protocol: Protocol<unknown> = Alpha, tpl: number = TPL_NOTIFY): Notified {
    const notified = { times: 0 };
    const count = (): void => {
      notified.times += 1;
    };
    const event = this.bs.createEvent(EVT_NOTIFY_SIGNAL, tpl, count, null);
    const registration = this.bs.registerProtocolNotify(protocol, event);
    return Object.assign(notified, { event, registration });
  }

  /** Opens Alpha of a handle, as an agent that is nobody's driver. */
  open(handle: EfiHandle, attributes: number): EfiHandle {
    this.bs.openProtocol(handle, Alpha, this.agent, this.controller, attributes);
    return handle;
  }

  /** A controller for what is opened on behalf of one. */
  get controller(): EfiHandle {
    this.#controller ??= this.handleOf(Beta);
    return this.#controller;
  }
  #controller: EfiHandle | undefined;

  /** A driver of the SCT's: its image, with a driver binding of its own. */
  install({ version = 0x10, children = 0, manages = Alpha }: TestDriver = {}): EfiHandle {
    const { bs, started } = this;
    return this.driver((_world, image) => {
      const made: EfiHandle[] = [];
      const binding: EfiDriverBinding = {
        version,
        imageHandle: image,
        driverBindingHandle: image,
        supported: (controller) => {
          const by = EFI_OPEN_PROTOCOL_BY_DRIVER;
          const { status } = bs.tryOpenProtocol(controller, manages, image, controller, by);
          if (status === 'EFI_SUCCESS') bs.closeProtocol(controller, manages, image, controller);
          return status;
        },
        start: (controller) => {
          bs.openProtocol(controller, manages, image, controller, EFI_OPEN_PROTOCOL_BY_DRIVER);
          for (let count = 0; count < children; count += 1) {
            const child = this.handleOf(Beta);
            const by = EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER;
            bs.openProtocol(controller, manages, image, child, by);
            made.push(child);
          }
          started.push(image);
        },
        stop: (controller, stopped) => {
          if (stopped.length === 0) {
            bs.closeProtocol(controller, manages, image, controller);
            return;
          }
          for (const child of stopped) {
            bs.closeProtocol(controller, manages, image, child);
            bs.uninstallProtocolInterface(child, Beta, bs.handleProtocol(child, Beta));
          }
        },
      };
      bs.installProtocolInterface(image, DriverBindingProtocol, binding);
    });
  }
}
