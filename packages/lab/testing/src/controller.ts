import type { DxeCore } from '@dxelab/dxe-core';
import { deviceTree } from '@dxelab/scenario';
import type { ReportedHandle } from '@dxelab/scenario';
import type { EfiDriverDiagnosticType, EfiHandle, Protocol } from '@dxelab/uefi';
import { EFI_OPEN_PROTOCOL_GET_PROTOCOL, EfiError, isEfiError } from '@dxelab/uefi';
import type { Diagnosis, Health } from './ask-drivers.ts';
import { diagnose, healthOf } from './ask-drivers.ts';

/** A controller of a lab, as a test sees it. */
export class Controller {
  readonly handle: EfiHandle;
  readonly #core: DxeCore;

  constructor(core: DxeCore, handle: EfiHandle) {
    this.#core = core;
    this.handle = handle;
  }

  /**
   * The interface of a protocol that is installed on it.
   * @throws EFI_UNSUPPORTED, saying what is there in its place
   */
  open<Interface>(protocol: Protocol<Interface>): Interface {
    const { systemTable, labImage } = this.#core;
    const { status, interface: found } = systemTable.bootServices.tryOpenProtocol(
      this.handle,
      protocol,
      labImage,
      undefined,
      EFI_OPEN_PROTOCOL_GET_PROTOCOL,
    );
    if (found !== undefined) return found;
    const { protocols, failures } = this.#describe();
    const why = failures.map(({ driver, reason }) => `; ${driver} did not start: ${reason}`);
    throw new EfiError(
      isEfiError(status) ? status : 'EFI_UNSUPPORTED',
      `no ${protocol.name} on this controller, which has ${protocols.join(', ')}${why.join('')}`,
    );
  }

  /** The names of the protocols that are installed on it, newest first. */
  get protocols(): readonly string[] {
    return this.#describe().protocols;
  }

  /** The names of the drivers that manage it. */
  get drivers(): readonly string[] {
    return this.#describe().drivers;
  }

  /** The controllers that a bus driver made on it. */
  get children(): readonly Controller[] {
    const numbers = this.#describe().children;
    return this.#core
      .handles()
      .filter(({ handle }) => numbers.includes(handle.number))
      .map(({ handle }) => new Controller(this.#core, handle));
  }

  /**
   * Has the drivers that manage it, and know how, try it (UEFI §11.6).
   * @param child one of its children, if a bus driver is to try that
   */
  diagnose(
    type: EfiDriverDiagnosticType = 'EfiDriverDiagnosticTypeStandard',
    child?: Controller,
  ): readonly Diagnosis[] {
    return diagnose(this.#core, this.handle, child?.handle, type);
  }

  /** What the drivers that manage it say of its health, or of that of a child of it (UEFI §11.10). */
  health(child?: Controller): readonly Health[] {
    return healthOf(this.#core, this.handle, child?.handle);
  }

  #describe(): ReportedHandle & { readonly failures: readonly Failure[] } {
    const described = deviceTree(this.#core).find(({ number }) => number === this.handle.number);
    if (described === undefined) {
      throw new EfiError('EFI_INVALID_PARAMETER', `handle ${this.handle.number} is gone`);
    }
    const failures = this.#core
      .startFailures()
      .filter(({ controller }) => controller === this.handle)
      .map(({ driver, error }) => ({
        driver: this.#core.nameOf(driver.driverBindingHandle) ?? 'a driver',
        reason: error.message,
      }));
    return { ...described, failures };
  }
}

interface Failure {
  readonly driver: string;
  readonly reason: string;
}
