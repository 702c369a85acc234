import type { DevicePath, EfiDriverBinding, EfiError, EfiHandle, EfiStatus } from '@dxelab/uefi';
import { efiStatusOf, isEfiFailure } from '@dxelab/uefi';
import type { HandTrace } from './hand-trace.ts';

/** A call into a driver binding that has not returned yet. */
export interface DriverCall {
  readonly phase: 'supported' | 'start' | 'stop';
  readonly driver: EfiDriverBinding;
  readonly controller: EfiHandle;
}

/** Why a driver that supports a controller does not manage it. */
export interface StartFailure {
  readonly driver: EfiDriverBinding;
  readonly controller: EfiHandle;
  readonly error: EfiError;
}

/**
 * The calls into driver bindings. They keep the stack of who is at work on which controller, and what
 * Start failed with, which ConnectController tells nobody (UEFI 2.11 §7.3.12). A driver's bug or the
 * end of the world goes through them unharmed.
 */
export class DriverCalls {
  readonly #trace: HandTrace;
  readonly #stack: DriverCall[] = [];
  /** By controller and driver: of several failures of the same pair, the last. */
  readonly #failures = new Map<EfiHandle, Map<EfiDriverBinding, StartFailure>>();

  constructor(trace: HandTrace) {
    this.#trace = trace;
  }

  /** The calls under way, outermost first: a driver can connect controllers from its Start. */
  get stack(): readonly DriverCall[] {
    return this.#stack;
  }

  failures(): readonly StartFailure[] {
    return [...this.#failures.values()].flatMap((ofController) => [...ofController.values()]);
  }

  /** Supported(): a driver that throws a status where it should return one is understood, too. */
  supported(driver: EfiDriverBinding, controller: EfiHandle, remaining?: DevicePath): EfiStatus {
    this.#trace.tracer?.('driver_binding_supported_begin', this.#event(driver, controller));
    let status: EfiStatus | undefined;
    this.#stack.push({ phase: 'supported', driver, controller });
    try {
      status = driver.supported(controller, remaining);
    } catch (caught) {
      status = efiStatusOf(caught);
    } finally {
      this.#stack.pop();
      this.#trace.tracer?.('driver_binding_supported_end', this.#event(driver, controller, status));
    }
    return status;
  }

  /** Start(); returns whether it succeeded, and remembers why not. */
  start(driver: EfiDriverBinding, controller: EfiHandle, remaining?: DevicePath): boolean {
    this.#trace.tracer?.('driver_binding_start_begin', this.#event(driver, controller));
    let status: EfiStatus | undefined;
    try {
      const error = this.#during({ phase: 'start', driver, controller }, () => {
        driver.start(controller, remaining);
      });
      status = error?.status ?? 'EFI_SUCCESS';
      this.#remember(driver, controller, error);
      return error === undefined;
    } finally {
      this.#trace.tracer?.('driver_binding_start_end', this.#event(driver, controller, status));
    }
  }

  /** Stop(); returns what it failed with. */
  stop(
    driver: EfiDriverBinding,
    controller: EfiHandle,
    children: readonly EfiHandle[],
  ): EfiError | undefined {
    this.#trace.tracer?.('driver_binding_stop_begin', {
      ...this.#event(driver, controller),
      children: children.length,
    });
    let status: EfiStatus | undefined;
    try {
      const error = this.#during({ phase: 'stop', driver, controller }, () => {
        driver.stop(controller, children);
      });
      status = error?.status ?? 'EFI_SUCCESS';
      return error;
    } finally {
      this.#trace.tracer?.('driver_binding_stop_end', this.#event(driver, controller, status));
    }
  }

  #during(call: DriverCall, body: () => void): EfiError | undefined {
    this.#stack.push(call);
    try {
      body();
      return undefined;
    } catch (caught) {
      if (isEfiFailure(caught)) return caught;
      throw caught;
    } finally {
      this.#stack.pop();
    }
  }

  #remember(driver: EfiDriverBinding, controller: EfiHandle, error: EfiError | undefined): void {
    const ofController = this.#failures.get(controller);
    if (error === undefined) {
      ofController?.delete(driver);
      return;
    }
    const failure: StartFailure = { driver, controller, error };
    if (ofController === undefined) this.#failures.set(controller, new Map([[driver, failure]]));
    else ofController.set(driver, failure);
  }

  #event(
    driver: EfiDriverBinding,
    controller: EfiHandle,
    status?: EfiStatus,
  ): {
    readonly driver: string;
    readonly controller: number;
    readonly status: EfiStatus | undefined;
  } {
    const name = this.#trace.nameOf(driver.driverBindingHandle);
    return { driver: name, controller: controller.number, status };
  }
}
