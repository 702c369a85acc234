import type { EfiBootServices, EfiHandle, EfiStatus, Protocol } from '@dxelab/uefi';
import {
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EfiError,
  EVT_SIGNAL_EXIT_BOOT_SERVICES,
  isEfiFailure,
  TPL_CALLBACK,
} from '@dxelab/uefi';
import type { DriverBindingBody } from './driver-model.ts';
import { efiLibInstallDriverBindingComponentName2 } from './driver-model.ts';
import type { Unwind } from './unwind.ts';
import { unwinding } from './unwind.ts';

/** What is left of a device driver when the boilerplate of Supported, Start and Stop is taken away. */
export interface DeviceDriverOptions<Consumed, Produced> {
  /** In English, for EFI_COMPONENT_NAME2_PROTOCOL. */
  readonly driverName: string;
  /** Default: 0x10, the first for independent vendors. */
  readonly version?: number;
  /** What the driver needs of a controller, and has it alone. */
  readonly consumes: Protocol<Consumed>;
  /** What it installs on the same handle. */
  readonly produces: Protocol<Produced>;
  /** Whether the controller is one of the driver's. It must leave no trace. Default: all are. */
  matches?(consumed: Consumed): boolean;
  /**
   * Makes one of the other. What is pushed on `unwind` is done if anything fails, and when the driver is
   * stopped: last first.
   * @throws any EfiError: it is what Start returns
   */
  start(consumed: Consumed, unwind: Unwind, controller: EfiHandle): Produced;
  /** At ExitBootServices: makes the device leave memory alone. */
  exitBootServices?(produced: Produced): void;
}

/**
 * Installs the driver binding of a device driver: one protocol in, another out, on one handle (UEFI §2.5.4).
 * A bus driver, or one with needs of its own, installs a `DriverBindingBody` that it writes itself.
 * @throws as `efiLibInstallDriverBindingComponentName2`
 */
export function installDeviceDriver<Consumed, Produced>(
  imageHandle: EfiHandle,
  bs: EfiBootServices,
  options: DeviceDriverOptions<Consumed, Produced>,
): void {
  efiLibInstallDriverBindingComponentName2(
    bs,
    imageHandle,
    options.driverName,
    (agent) => new DeviceDriver(bs, agent, options),
  );
}

interface Running<Produced> {
  readonly produced: Produced;
  /** What Stop does. */
  readonly unwind: Unwind;
}

class DeviceDriver<Consumed, Produced> implements DriverBindingBody {
  readonly version: number;
  readonly #bs: EfiBootServices;
  readonly #agent: EfiHandle;
  readonly #options: DeviceDriverOptions<Consumed, Produced>;
  readonly #running = new Map<EfiHandle, Running<Produced>>();

  constructor(
    bs: EfiBootServices,
    agent: EfiHandle,
    options: DeviceDriverOptions<Consumed, Produced>,
  ) {
    this.version = options.version ?? 0x10;
    this.#bs = bs;
    this.#agent = agent;
    this.#options = options;
  }

  supported(controller: EfiHandle): EfiStatus {
    const { status, interface: consumed } = this.#bs.tryOpenProtocol(
      controller,
      this.#options.consumes,
      this.#agent,
      controller,
      EFI_OPEN_PROTOCOL_BY_DRIVER,
    );
    if (status !== 'EFI_SUCCESS' || consumed === undefined) return status;
    try {
      const isOurs = this.#options.matches?.(consumed) ?? true;
      return isOurs ? 'EFI_SUCCESS' : 'EFI_UNSUPPORTED';
    } catch (caught) {
      // A device that cannot be asked is not supported; what is no status is a bug, and goes on.
      if (isEfiFailure(caught)) return caught.status;
      throw caught;
    } finally {
      this.#close(controller);
    }
  }

  start(controller: EfiHandle): void {
    const options = this.#options;
    unwinding((unwind) => {
      const consumed = this.#bs.openProtocol(
        controller,
        options.consumes,
        this.#agent,
        controller,
        EFI_OPEN_PROTOCOL_BY_DRIVER,
      );
      unwind.push(() => this.#close(controller));
      const produced = options.start(consumed, unwind, controller);
      if (options.exitBootServices !== undefined) {
        const event = this.#bs.createEvent(
          EVT_SIGNAL_EXIT_BOOT_SERVICES,
          TPL_CALLBACK,
          () => options.exitBootServices?.(produced),
          null,
        );
        unwind.push(() => this.#bs.closeEvent(event));
      }
      this.#bs.installProtocolInterface(controller, options.produces, produced);
      this.#running.set(controller, { produced, unwind });
    });
  }

  stop(controller: EfiHandle): void {
    const running = this.#running.get(controller);
    if (running === undefined) {
      const message = `${this.#options.driverName} does not manage handle ${controller.number}`;
      throw new EfiError('EFI_DEVICE_ERROR', message);
    }
    // first: if somebody holds on to it, nothing has changed
    this.#bs.uninstallProtocolInterface(controller, this.#options.produces, running.produced);
    this.#running.delete(controller);
    running.unwind.run();
  }

  #close(controller: EfiHandle): void {
    this.#bs.closeProtocol(controller, this.#options.consumes, this.#agent, controller);
  }
}
