import type {
  DevicePath,
  EfiBootServices,
  EfiHandle,
  EfiStatus,
  EfiSystemTable,
  Protocol,
} from '@dxelab/uefi';
import {
  DevicePathProtocol,
  devicePathsEqual,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  EFI_OPEN_PROTOCOL_TEST_PROTOCOL,
  EfiError,
} from '@dxelab/uefi';
import type { DriverBindingBody } from '@dxelab/uefi-lib';
import type { ChosenConsoles } from './console-variables.ts';
import { PossibleConsoles, readConsoles } from './console-variables.ts';

/** A console that a device can belong to. */
export interface ConsoleRole {
  /** The variable that names its devices. */
  readonly variable: ChosenConsoles;
  /** Marks a device that belongs to it. */
  readonly mark: Protocol<null>;
}

/** What a driver binding of consoles is for. */
export interface ConPlatformOptions<Device> {
  readonly device: Protocol<Device>;
  readonly roles: readonly ConsoleRole[];
  /** Whether devices are consoles even where no variable says which are. */
  readonly allWithoutVariable: boolean;
  /** Whether there are variables yet: where there are none, asking for them would only cost time. */
  readonly variables: { readonly areThere: boolean };
}

/**
 * The binding that marks physical devices, which have a device path, as consoles if a variable names them
 * (MdeModulePkg/Universal/Console/ConPlatformDxe/ConPlatform.c).
 */
export class ConPlatformDriver<Device> implements DriverBindingBody {
  readonly version: number = 0xa;
  readonly #systemTable: EfiSystemTable;
  readonly #agent: EfiHandle;
  readonly #options: ConPlatformOptions<Device>;
  readonly #possible: readonly PossibleConsoles[];
  /** Where managed devices are (their paths may go before them), and the roles that they have got. */
  readonly #managed = new Map<EfiHandle, { path: DevicePath; roles: readonly ConsoleRole[] }>();

  constructor(systemTable: EfiSystemTable, agent: EfiHandle, options: ConPlatformOptions<Device>) {
    this.#systemTable = systemTable;
    this.#agent = agent;
    this.#options = options;
    const { runtimeServices: rs } = systemTable;
    this.#possible = options.roles.map(({ variable }) => new PossibleConsoles(rs, variable));
  }

  /** There are variables now, which can say what there is to choose from. */
  publish(): void {
    for (const possible of this.#possible) possible.publish();
  }

  supported(controller: EfiHandle): EfiStatus {
    const bs = this.#bs;
    const status = this.#tryOpen(controller);
    if (status !== 'EFI_SUCCESS') return status;
    this.#close(controller);
    const test = EFI_OPEN_PROTOCOL_TEST_PROTOCOL;
    return bs.tryOpenProtocol(controller, DevicePathProtocol, this.#agent, controller, test).status;
  }

  start(controller: EfiHandle): void {
    const path = this.#pathOf(controller);
    const [agent, by] = [this.#agent, EFI_OPEN_PROTOCOL_BY_DRIVER];
    this.#bs.openProtocol(controller, this.#options.device, agent, controller, by);
    for (const possible of this.#possible) possible.add(path);
    if (this.#options.variables.areThere) this.publish();
    const roles = this.#options.roles.filter(({ variable }) => this.#isChosen(variable, path));
    for (const { mark } of roles) this.#bs.installProtocolInterface(controller, mark, null);
    // a device that nobody wants is free for others
    if (roles.length === 0) this.#close(controller);
    else this.#managed.set(controller, { path, roles });
  }

  stop(controller: EfiHandle): void {
    const managed = this.#managed.get(controller);
    if (managed === undefined) {
      throw new EfiError('EFI_DEVICE_ERROR', `handle ${controller.number} is no console`);
    }
    for (const { mark } of managed.roles) {
      this.#bs.uninstallProtocolInterface(controller, mark, null);
    }
    this.#managed.delete(controller);
    for (const possible of this.#possible) possible.remove(managed.path);
    this.#close(controller);
  }

  #isChosen(variable: ChosenConsoles, path: DevicePath): boolean {
    const { runtimeServices: rs } = this.#systemTable;
    const chosen = this.#options.variables.areThere ? readConsoles(rs, variable) : undefined;
    if (chosen === undefined) return this.#options.allWithoutVariable;
    return chosen.some((one) => devicePathsEqual(one, path));
  }

  #pathOf(controller: EfiHandle): DevicePath {
    const get = EFI_OPEN_PROTOCOL_GET_PROTOCOL;
    return this.#bs.openProtocol(controller, DevicePathProtocol, this.#agent, controller, get);
  }

  #tryOpen(controller: EfiHandle): EfiStatus {
    const [agent, by] = [this.#agent, EFI_OPEN_PROTOCOL_BY_DRIVER];
    return this.#bs.tryOpenProtocol(controller, this.#options.device, agent, controller, by).status;
  }

  #close(controller: EfiHandle): void {
    this.#bs.closeProtocol(controller, this.#options.device, this.#agent, controller);
  }

  get #bs(): EfiBootServices {
    return this.#systemTable.bootServices;
  }
}
