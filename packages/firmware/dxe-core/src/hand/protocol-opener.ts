import type {
  EfiHandle,
  EfiTpl,
  OpenProtocolInformationEntry,
  OpenProtocolResult,
  Protocol,
} from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { DriverSupport } from './driver-support.ts';
import type { HandTrace } from './hand-trace.ts';
import type { HandleDatabase } from './handle-database.ts';
import { invalidHandle } from './handle-database.ts';
import { openInformation } from './handle-snapshot.ts';
import { describeOpen, openAttributes } from './open-description.ts';
import type { InstalledInterface } from './protocol-entry.ts';

// EFI_OPEN_PROTOCOL_*, as this module's own constants: imported ones are slow under vitest.
const BY_HANDLE_PROTOCOL = 0x01;
const GET_PROTOCOL = 0x02;
const TEST_PROTOCOL = 0x04;
const BY_CHILD_CONTROLLER = 0x08;
const BY_DRIVER = 0x10;
const EXCLUSIVE = 0x20;
const BY_DRIVER_EXCLUSIVE = 0x30;

type OpenStatus =
  | 'EFI_SUCCESS'
  | 'EFI_INVALID_PARAMETER'
  | 'EFI_UNSUPPORTED'
  | 'EFI_ACCESS_DENIED'
  | 'EFI_ALREADY_STARTED';

/** A status, and, where one is given out with it, the interface. */
type Answer<Interface> =
  | {
      readonly status: 'EFI_SUCCESS' | 'EFI_ALREADY_STARTED';
      readonly opened: InstalledInterface<Interface>;
    }
  | {
      readonly status: Exclude<OpenStatus, 'EFI_SUCCESS' | 'EFI_ALREADY_STARTED'>;
      readonly opened: undefined;
    };

/**
 * OpenProtocol, CloseProtocol and OpenProtocolInformation (UEFI 2.11 §7.3.9 to §7.3.11).
 * MdeModulePkg/Core/Dxe/Hand/Handle.c.
 */
export class ProtocolOpener {
  readonly #database: HandleDatabase;
  readonly #drivers: DriverSupport;
  readonly #trace: HandTrace;
  readonly #comparesController: boolean;

  constructor(database: HandleDatabase, drivers: DriverSupport, quirks: Quirks, trace: HandTrace) {
    this.#database = database;
    this.#drivers = drivers;
    this.#trace = trace;
    this.#comparesController = quirks.has('DxeCore.OpenComparesController');
  }

  /** OpenProtocol for those to whom "no" is an answer: it makes no exception. */
  tryOpen<Interface>(
    handle: EfiHandle,
    protocol: Protocol<Interface>,
    agent: EfiHandle | undefined,
    controller: EfiHandle | undefined,
    attributes: number,
  ): OpenProtocolResult<Interface> {
    const { status, opened } = this.#ask(handle, protocol, agent, controller, attributes);
    return { status, interface: opened?.interface };
  }

  /**
   * @throws EFI_INVALID_PARAMETER, EFI_UNSUPPORTED, EFI_ACCESS_DENIED, EFI_ALREADY_STARTED (its `out`
   *   the interface)
   */
  open<Interface>(
    handle: EfiHandle,
    protocol: Protocol<Interface>,
    agent: EfiHandle | undefined,
    controller: EfiHandle | undefined,
    attributes: number,
  ): Interface {
    const answer = this.#ask(handle, protocol, agent, controller, attributes);
    if (answer.status === 'EFI_SUCCESS') return answer.opened.interface;
    const message = this.#why(answer.status, handle, protocol, agent, controller, attributes);
    throw new EfiError(answer.status, message, { out: answer.opened?.interface });
  }

  /** @throws EFI_INVALID_PARAMETER, EFI_NOT_FOUND */
  close(
    handle: EfiHandle,
    protocol: Protocol<unknown>,
    agent: EfiHandle,
    controller: EfiHandle | undefined,
  ): void {
    const tpl = this.#database.lock();
    try {
      const record = this.#database.record(handle);
      if (!this.#database.isHandle(agent)) throw invalidHandle('an agent handle', agent);
      if (controller !== undefined && !this.#database.isHandle(controller)) {
        throw invalidHandle('a controller handle', controller);
      }
      const installed = this.#database.installedOn(record, protocol);
      if (installed === undefined) throw absent(protocol, handle);
      if (!installed.opens.close(agent, controller)) {
        throw new EfiError(
          'EFI_NOT_FOUND',
          `${protocol.name} on handle ${handle.number} is not open by ${this.#trace.nameOf(agent)}` +
            ` for ${controller === undefined ? 'no controller' : `handle ${controller.number}`}`,
        );
      }
      this.#trace.tracer?.('close_protocol', {
        handle: handle.number,
        protocol: protocol.name,
        agent: this.#trace.nameOf(agent),
        controller: controller?.number,
      });
    } finally {
      this.#database.unlock(tpl);
    }
  }

  /** Closes everything that an agent has open anywhere, as unloading its image does. */
  closeAgent(agent: EfiHandle): void {
    const tpl = this.#database.lock();
    try {
      this.#database.forEachInterface(({ opens }) => opens.closeAgent(agent));
    } finally {
      this.#database.unlock(tpl);
    }
  }

  /** Oldest first. @throws EFI_NOT_FOUND, for a stale handle, too */
  information(
    handle: EfiHandle,
    protocol: Protocol<unknown>,
  ): readonly OpenProtocolInformationEntry[] {
    const tpl = this.#database.lock();
    try {
      const record = this.#database.find(handle);
      const installed = record && this.#database.installedOn(record, protocol);
      if (installed === undefined) throw absent(protocol, handle);
      return openInformation(installed);
    } finally {
      this.#database.unlock(tpl);
    }
  }

  #ask<Interface>(
    handle: EfiHandle,
    protocol: Protocol<Interface>,
    agent: EfiHandle | undefined,
    controller: EfiHandle | undefined,
    attributes: number,
  ): Answer<Interface> {
    const tpl = this.#database.lock();
    try {
      const answer = this.#answer(handle, protocol, agent, controller, attributes, tpl);
      this.#trace.tracer?.('open_protocol', {
        handle: handle.number,
        protocol: protocol.name,
        agent: this.#trace.nameOf(agent),
        controller: controller?.number,
        attributes,
        status: answer.status,
      });
      return answer;
    } finally {
      this.#database.unlock(tpl);
    }
  }

  #answer<Interface>(
    handle: EfiHandle,
    protocol: Protocol<Interface>,
    agent: EfiHandle | undefined,
    controller: EfiHandle | undefined,
    attributes: number,
    tpl: EfiTpl,
  ): Answer<Interface> {
    const record = this.#database.find(handle);
    if (record === undefined || !this.#mayAsk(handle, agent, controller, attributes)) {
      return { status: 'EFI_INVALID_PARAMETER', opened: undefined };
    }
    const installed = this.#database.installedOn(record, protocol);
    if (installed === undefined) return { status: 'EFI_UNSUPPORTED', opened: undefined };
    const status = this.#admit(installed, agent, controller, attributes, tpl);
    return status === 'EFI_SUCCESS' || status === 'EFI_ALREADY_STARTED'
      ? { status, opened: installed }
      : { status, opened: undefined };
  }

  /** Whether the attributes exist, and the handles are what they require. */
  #mayAsk(
    handle: EfiHandle,
    agent: EfiHandle | undefined,
    controller: EfiHandle | undefined,
    attributes: number,
  ): boolean {
    switch (attributes) {
      case BY_HANDLE_PROTOCOL:
      case GET_PROTOCOL:
      case TEST_PROTOCOL:
        return true;
      case BY_CHILD_CONTROLLER:
        return this.#areHandles(agent, controller) && handle !== controller;
      case BY_DRIVER:
      case BY_DRIVER_EXCLUSIVE:
        return this.#areHandles(agent, controller);
      case EXCLUSIVE:
        return this.#database.isHandle(agent);
      default:
        return false;
    }
  }

  #areHandles(agent: EfiHandle | undefined, controller: EfiHandle | undefined): boolean {
    return this.#database.isHandle(agent) && this.#database.isHandle(controller);
  }

  /** Adds or counts an open record, if those that exist leave room for it. */
  #admit(
    installed: InstalledInterface,
    agent: EfiHandle | undefined,
    controller: EfiHandle | undefined,
    attributes: number,
    tpl: EfiTpl,
  ): OpenStatus {
    const { opens } = installed;
    if ((attributes & BY_DRIVER_EXCLUSIVE) === 0) {
      const known = opens.find(agent, controller, attributes);
      if (known !== undefined) known.openCount += 1;
      else if (agent !== undefined) opens.add(agent, controller, attributes);
      return 'EFI_SUCCESS';
    }

    const { owner } = opens;
    if (owner !== undefined) {
      const same =
        owner.agentHandle === agent &&
        owner.attributes === attributes &&
        (owner.controllerHandle === controller || !this.#comparesController);
      if (same && (attributes & BY_DRIVER) !== 0) return 'EFI_ALREADY_STARTED';
      if (attributes === BY_DRIVER || (owner.attributes & EXCLUSIVE) !== 0) {
        return 'EFI_ACCESS_DENIED';
      }
      const error = this.#database.unlocked(tpl, () =>
        this.#drivers.disconnect(installed.handle, owner.agentHandle, undefined),
      );
      // The driver's Stop may have done anything: failed, forgotten to close, uninstalled the protocol.
      if (!installed.installed) return 'EFI_UNSUPPORTED';
      if (error !== undefined || opens.owner !== undefined) return 'EFI_ACCESS_DENIED';
    }
    if (agent !== undefined) opens.add(agent, controller, attributes);
    return 'EFI_SUCCESS';
  }

  /** The message for a status, found out after the fact so that success does not pay for it. */
  #why(
    status: string,
    handle: EfiHandle,
    protocol: Protocol<unknown>,
    agent: EfiHandle | undefined,
    controller: EfiHandle | undefined,
    attributes: number,
  ): string {
    const record = this.#database.find(handle);
    const where = `${protocol.name} on handle ${handle.number}`;
    const wanted = `${where}, wanted ${openAttributes(attributes)} by ${this.#trace.nameOf(agent)}`;
    if (status === 'EFI_UNSUPPORTED') return `handle ${handle.number} has no ${protocol.name}`;
    if (status === 'EFI_INVALID_PARAMETER') {
      const valid = (one: EfiHandle | undefined): string =>
        one === undefined
          ? 'none'
          : `${one.number}${this.#database.isHandle(one) ? '' : ' (stale)'}`;
      return (
        `${wanted}: attributes of UEFI §7.3.9 and valid handles were expected; ` +
        `handle ${valid(handle)}, agent ${valid(agent)}, controller ${valid(controller)}`
      );
    }
    const owner = record && this.#database.installedOn(record, protocol)?.opens.owner;
    return owner === undefined
      ? `${wanted}: a driver would not let go of it`
      : `${wanted}: it is open ${describeOpen(owner, this.#trace)}`;
  }
}

function absent(protocol: Protocol<unknown>, handle: EfiHandle): EfiError {
  return new EfiError(
    'EFI_NOT_FOUND',
    `expected ${protocol.name} on handle ${handle.number}, which has none`,
  );
}
