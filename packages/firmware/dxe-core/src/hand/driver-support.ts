import type { DevicePath, EfiHandle, EfiStatus } from '@dxelab/uefi';
import {
  DriverBindingProtocol,
  EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EfiError,
  isDevicePathEnd,
  isEfiError,
} from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import { Security } from '../core/security.ts';
import { DriverCalls } from './driver-calls.ts';
import { DriverCandidates } from './driver-candidates.ts';
import type { HandTrace } from './hand-trace.ts';
import type { HandleDatabase, HandleRecord } from './handle-database.ts';
import { invalidHandle } from './handle-database.ts';
import type { OpenRecord } from './open-list.ts';

/**
 * ConnectController and DisconnectController (UEFI 2.11 §7.3.12, §7.3.13). Drivers run with the lock
 * free and at the caller's TPL. MdeModulePkg/Core/Dxe/Hand/DriverSupport.c.
 */
export class DriverSupport {
  readonly calls: DriverCalls;
  readonly #database: HandleDatabase;
  readonly #candidates: DriverCandidates;
  readonly #security: Security;
  readonly #trace: HandTrace;
  readonly #needsDriverBinding: boolean;
  readonly #losesStopError: boolean;
  readonly #strangerNotFound: boolean;

  constructor(database: HandleDatabase, quirks: Quirks, trace: HandTrace) {
    this.#database = database;
    this.#trace = trace;
    this.calls = new DriverCalls(trace);
    this.#candidates = new DriverCandidates(database, quirks);
    this.#security = new Security(database);
    this.#needsDriverBinding = quirks.has('DxeCore.ConnectNeedsDriverBinding');
    this.#losesStopError = quirks.has('DxeCore.DisconnectLosesStopError');
    this.#strangerNotFound = quirks.has('DxeCore.DisconnectOfStrangerNotFound');
  }

  /**
   * ConnectController for the core itself: "no driver" is an answer and no exception.
   * @param context the drivers to be tried first, in this order
   * @param ancestors the controllers whose children are being connected, should a child be one of them
   */
  connect(
    controller: EfiHandle,
    context: readonly EfiHandle[],
    remaining: DevicePath | undefined,
    recursive: boolean,
    ancestors: readonly EfiHandle[] = [],
  ): EfiStatus {
    if (!this.#isHandle(controller)) return 'EFI_INVALID_PARAMETER';
    const refused = this.#security.refusesConnect(controller, remaining, recursive);
    if (refused !== undefined) return refused.status;
    const { number } = controller;
    this.#trace.tracer?.('connect_controller_begin', { controller: number, recursive });
    let status: EfiStatus | undefined;
    try {
      // Drivers are given a copy, in case one of them causes the caller's to change.
      status = this.#connectSingle(controller, context, remaining?.slice());
      if (recursive) this.#connectChildren(controller, ancestors);
      return status;
    } finally {
      this.#trace.tracer?.('connect_controller_end', { controller: number, status });
    }
  }

  /**
   * DisconnectController for the core itself.
   * @returns what it failed with
   */
  disconnect(
    controller: EfiHandle,
    driver: EfiHandle | undefined,
    child: EfiHandle | undefined,
  ): EfiError | undefined {
    if (!this.#isHandle(controller)) return invalidHandle('a controller handle', controller);
    if (child !== undefined && !this.#isHandle(child))
      return invalidHandle('a child handle', child);
    const { number } = controller;
    this.#trace.tracer?.('disconnect_controller_begin', { controller: number });
    let status: EfiStatus | undefined;
    try {
      const error = this.#disconnectDrivers(controller, driver, child);
      status = error?.status ?? 'EFI_SUCCESS';
      return error;
    } finally {
      this.#trace.tracer?.('disconnect_controller_end', { controller: number, status });
    }
  }

  #connectSingle(
    controller: EfiHandle,
    context: readonly EfiHandle[],
    remaining: DevicePath | undefined,
  ): EfiStatus {
    let candidates = this.#candidates.sorted(controller, context);
    while (candidates === undefined) candidates = this.#candidates.sorted(controller, context);

    const isEnd = remaining !== undefined && isDevicePathEnd(remaining);
    if (candidates.length === 0) {
      return isEnd && !this.#needsDriverBinding ? 'EFI_SUCCESS' : 'EFI_NOT_FOUND';
    }
    let oneStarted = false;
    // Each start may change what the others support: begin again with those that had no start yet.
    const waiting = [...candidates];
    for (let index = 0; index < waiting.length;) {
      const candidate = waiting[index];
      index += 1;
      if (candidate?.installed !== true) continue;
      const driver = candidate.interface;
      if (isEfiError(this.calls.supported(driver, controller, remaining))) continue;
      waiting.splice(index - 1, 1);
      if (this.calls.start(driver, controller, remaining)) oneStarted = true;
      index = 0;
    }
    return oneStarted || isEnd ? 'EFI_SUCCESS' : 'EFI_NOT_FOUND';
  }

  /** Neither context nor remaining path is for the children, and their failures stay theirs. */
  #connectChildren(controller: EfiHandle, ancestors: readonly EfiHandle[]): void {
    const line = [...ancestors, controller];
    for (const child of childrenAmong(this.#openRecords(controller))) {
      if (!line.includes(child)) this.connect(child, [], undefined, true, line);
    }
  }

  #disconnectDrivers(
    controller: EfiHandle,
    driver: EfiHandle | undefined,
    child: EfiHandle | undefined,
  ): EfiError | undefined {
    const agents = driver === undefined ? this.#managers(controller) : [driver];
    if (agents.length === 0) return undefined;
    let stopped = 0;
    let strangers = 0;
    let firstError: EfiError | undefined;
    for (const agent of agents) {
      const binding = this.#locked(() => this.#database.lookUp(agent, DriverBindingProtocol));
      if (!binding?.interface) {
        return new EfiError(
          'EFI_INVALID_PARAMETER',
          `expected the handle of a driver binding, got handle ${agent.number}`,
        );
      }
      const { manages, children } = this.#stakeOf(agent, controller);
      if (!manages) {
        strangers += 1;
        continue;
      }
      if (child !== undefined && !children.includes(child)) continue;
      const stops = child === undefined ? children : [child];
      let error: EfiError | undefined;
      if (stops.length > 0) error = this.calls.stop(binding.interface, controller, stops);
      // With its last child gone, the driver has no business with the controller any more.
      if (error === undefined && stops.length === children.length) {
        error = this.calls.stop(binding.interface, controller, []);
      }
      if (error === undefined) stopped += 1;
      else firstError ??= error;
    }
    if (firstError !== undefined && !this.#losesStopError) return firstError;
    if (stopped > 0) return undefined;
    if (strangers === agents.length && !this.#strangerNotFound) return undefined;
    return new EfiError('EFI_NOT_FOUND', `no driver was stopped on handle ${controller.number}`, {
      cause: firstError,
    });
  }

  /** The agents that have anything on a controller open BY_DRIVER. */
  #managers(controller: EfiHandle): readonly EfiHandle[] {
    const agents = this.#openRecords(controller)
      .filter(({ attributes }) => (attributes & EFI_OPEN_PROTOCOL_BY_DRIVER) !== 0)
      .map(({ agentHandle }) => agentHandle);
    return [...new Set(agents)];
  }

  /** Whether a driver manages a controller, and the children that it has there. */
  #stakeOf(
    agent: EfiHandle,
    controller: EfiHandle,
  ): { readonly manages: boolean; readonly children: readonly EfiHandle[] } {
    const records = this.#openRecords(controller).filter((record) => record.agentHandle === agent);
    return {
      manages: records.some(({ attributes }) => (attributes & EFI_OPEN_PROTOCOL_BY_DRIVER) !== 0),
      children: [...new Set(childrenAmong(records))],
    };
  }

  /** All open records on a controller; none if it is gone. */
  #openRecords(controller: EfiHandle): readonly OpenRecord[] {
    return this.#locked(() => {
      const record: HandleRecord | undefined = this.#database.find(controller);
      return record?.interfaces.flatMap(({ opens }) => opens.records()) ?? [];
    });
  }

  #isHandle(handle: EfiHandle): boolean {
    return this.#locked(() => this.#database.isHandle(handle));
  }

  #locked<Result>(body: () => Result): Result {
    const tpl = this.#database.lock();
    try {
      return body();
    } finally {
      this.#database.unlock(tpl);
    }
  }
}

/** A child that is open through several protocols comes several times, as in EDK II. */
function childrenAmong(records: readonly OpenRecord[]): EfiHandle[] {
  const children: EfiHandle[] = [];
  for (const { attributes, controllerHandle } of records) {
    const isChild = (attributes & EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER) !== 0;
    if (isChild && controllerHandle !== undefined) children.push(controllerHandle);
  }
  return children;
}
