import type { EfiStatus } from '@dxelab/uefi';

/** One open record of the model. */
interface ModelOpen {
  readonly agent: number;
  readonly controller: number;
  readonly attributes: number;
  count: number;
}

/** One installed interface of the model. */
export interface ModelInterface {
  readonly handle: number;
  readonly protocol: number;
  thing: number;
  opens: ModelOpen[];
}

interface ModelRegistration {
  readonly protocol: number;
  position: ModelInterface | undefined;
}

/**
 * The handle database as simply as it can be said: lists, searched from end to end. Handles and
 * protocols are numbers. There is no driver binding, so nobody who has opened BY_DRIVER can be made
 * to let go.
 */
export class ModelDatabase {
  /** Every interface, in order of (re)installation. */
  installed: ModelInterface[] = [];
  /** For each handle its protocols, newest first. */
  readonly handles = new Map<number, number[]>();
  readonly registrations: ModelRegistration[] = [];
  #last = 0;

  on(handle: number, protocol: number): ModelInterface | undefined {
    return this.installed.find((one) => one.handle === handle && one.protocol === protocol);
  }

  ofProtocol(protocol: number): ModelInterface[] {
    return this.installed.filter((one) => one.protocol === protocol);
  }

  install(handle: number | undefined, protocol: number, thing: number): EfiStatus {
    if (handle !== undefined && !this.handles.has(handle)) return 'EFI_INVALID_PARAMETER';
    if (handle !== undefined && this.on(handle, protocol)) return 'EFI_INVALID_PARAMETER';
    const number = handle ?? ++this.#last;
    this.handles.set(number, [protocol, ...(this.handles.get(number) ?? [])]);
    this.installed.push({ handle: number, protocol, thing, opens: [] });
    return 'EFI_SUCCESS';
  }

  uninstall(handle: number, protocol: number, thing: number): EfiStatus {
    const status = this.#release(handle, protocol, thing);
    const one = this.on(handle, protocol);
    if (status !== 'EFI_SUCCESS' || one === undefined) return status;
    this.#unlist(one);
    const left = (this.handles.get(handle) ?? []).filter((other) => other !== protocol);
    if (left.length === 0) this.handles.delete(handle);
    else this.handles.set(handle, left);
    return 'EFI_SUCCESS';
  }

  reinstall(handle: number, protocol: number, thing: number, newThing: number): EfiStatus {
    const status = this.#release(handle, protocol, thing);
    const one = this.on(handle, protocol);
    if (status !== 'EFI_SUCCESS' || one === undefined) return status;
    this.#unlist(one);
    one.thing = newThing;
    this.installed.push(one);
    return 'EFI_SUCCESS';
  }

  open(
    handle: number,
    protocol: number,
    agent: number,
    controller: number,
    attributes: number,
    comparesController: boolean,
  ): EfiStatus {
    if (!this.handles.has(handle)) return 'EFI_INVALID_PARAMETER';
    if (![0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x30].includes(attributes)) {
      return 'EFI_INVALID_PARAMETER';
    }
    if (attributes >= 0x08 && !this.handles.has(agent)) return 'EFI_INVALID_PARAMETER';
    const needsController = [0x08, 0x10, 0x30].includes(attributes);
    if (needsController && !this.handles.has(controller)) return 'EFI_INVALID_PARAMETER';
    if (attributes === 0x08 && controller === handle) return 'EFI_INVALID_PARAMETER';
    const one = this.on(handle, protocol);
    if (one === undefined) return 'EFI_UNSUPPORTED';

    const mine = one.opens.filter((open) => open.agent === agent && open.attributes === attributes);
    const exact = mine.find((open) => open.controller === controller);
    if (attributes < 0x10) {
      if (exact !== undefined) exact.count += 1;
      else one.opens.push({ agent, controller, attributes, count: 1 });
      return 'EFI_SUCCESS';
    }
    const again = comparesController ? exact : mine[0];
    if (again !== undefined && (attributes & 0x10) !== 0) return 'EFI_ALREADY_STARTED';
    if (one.opens.some((open) => open.attributes >= 0x10)) return 'EFI_ACCESS_DENIED';
    one.opens.push({ agent, controller, attributes, count: 1 });
    return 'EFI_SUCCESS';
  }

  close(handle: number, protocol: number, agent: number, controller: number): EfiStatus {
    for (const one of [handle, agent, controller]) {
      if (!this.handles.has(one)) return 'EFI_INVALID_PARAMETER';
    }
    const one = this.on(handle, protocol);
    const left = one?.opens.filter(
      (open) => open.agent !== agent || open.controller !== controller,
    );
    if (one === undefined || left?.length === one.opens.length) return 'EFI_NOT_FOUND';
    one.opens = left ?? [];
    return 'EFI_SUCCESS';
  }

  register(protocol: number): void {
    this.registrations.push({ protocol, position: undefined });
  }

  /** The handle that ByRegisterNotify returns. */
  next(index: number): number | undefined {
    const registration = this.registrations[index];
    if (registration === undefined) return undefined;
    const all = this.ofProtocol(registration.protocol);
    const { position } = registration;
    const next = all[position === undefined ? 0 : all.indexOf(position) + 1];
    if (next !== undefined) registration.position = next;
    return next?.handle;
  }

  #release(handle: number, protocol: number, thing: number): EfiStatus {
    if (!this.handles.has(handle)) return 'EFI_INVALID_PARAMETER';
    const one = this.on(handle, protocol);
    if (one === undefined || one.thing !== thing) return 'EFI_NOT_FOUND';
    if (one.opens.some((open) => (open.attributes & 0x10) !== 0)) return 'EFI_ACCESS_DENIED';
    one.opens = one.opens.filter((open) => open.attributes >= 0x08);
    return one.opens.length > 0 ? 'EFI_ACCESS_DENIED' : 'EFI_SUCCESS';
  }

  #unlist(one: ModelInterface): void {
    const all = this.ofProtocol(one.protocol);
    const before = all[all.indexOf(one) - 1];
    for (const registration of this.registrations) {
      if (registration.position === one) registration.position = before;
    }
    this.installed = this.installed.filter((other) => other !== one);
  }
}
