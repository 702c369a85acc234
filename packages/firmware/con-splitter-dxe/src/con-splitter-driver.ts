import type { EfiBootServices, EfiHandle, EfiStatus, Protocol } from '@dxelab/uefi';
import {
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  EfiError,
} from '@dxelab/uefi';
import type { DriverBindingBody } from '@dxelab/uefi-lib';
import { unwinding } from '@dxelab/uefi-lib';

/** One of the three consoles, as its driver binding sees it. */
export interface Console<Device> {
  /** Marks the handles whose device belongs to it. */
  readonly mark: Protocol<null>;
  readonly device: Protocol<Device>;
  add(device: Device): void;
  remove(device: Device): void;
}

/**
 * The binding of one console: each device that is marked for it belongs to it as long as the driver manages
 * it (ConSplitter.c: ConSplitterStart, ConSplitterStop).
 */
export class ConSplitterDriver<Device> implements DriverBindingBody {
  readonly version: number = 0xa;
  readonly #bs: EfiBootServices;
  readonly #agent: EfiHandle;
  readonly #console: Console<Device>;
  readonly #devices = new Map<EfiHandle, Device>();

  constructor(bs: EfiBootServices, agent: EfiHandle, console: Console<Device>) {
    this.#bs = bs;
    this.#agent = agent;
    this.#console = console;
  }

  supported(controller: EfiHandle): EfiStatus {
    const { mark } = this.#console;
    const by = EFI_OPEN_PROTOCOL_BY_DRIVER;
    const { status } = this.#bs.tryOpenProtocol(controller, mark, this.#agent, controller, by);
    if (status === 'EFI_SUCCESS') this.#close(controller);
    return status;
  }

  start(controller: EfiHandle): void {
    const { mark, device: protocol } = this.#console;
    unwinding((unwind) => {
      const agent = this.#agent;
      this.#bs.openProtocol(controller, mark, agent, controller, EFI_OPEN_PROTOCOL_BY_DRIVER);
      unwind.push(() => this.#close(controller));
      const get = EFI_OPEN_PROTOCOL_GET_PROTOCOL;
      const device = this.#bs.openProtocol(controller, protocol, agent, controller, get);
      unwind.push(() => this.#console.remove(device));
      this.#console.add(device);
      this.#devices.set(controller, device);
    });
  }

  stop(controller: EfiHandle): void {
    const device = this.#devices.get(controller);
    if (device === undefined) {
      throw new EfiError(
        'EFI_DEVICE_ERROR',
        `handle ${controller.number} is no console of this one`,
      );
    }
    this.#console.remove(device);
    this.#devices.delete(controller);
    this.#close(controller);
  }

  #close(controller: EfiHandle): void {
    this.#bs.closeProtocol(controller, this.#console.mark, this.#agent, controller);
  }
}
