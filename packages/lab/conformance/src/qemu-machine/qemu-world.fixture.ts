import type { BootAttempt } from '@dxelab/bds-dxe';
import type { DebugRecord, DxeCore } from '@dxelab/dxe-core';
import { createDxeCore } from '@dxelab/dxe-core';
import { ovmf } from '@dxelab/ovmf';
import type { TerminalSignal } from '@dxelab/platform';
import { isTerminalSignal } from '@dxelab/platform';
import type { QemuMachine, QemuMachineOptions, QemuProgram } from '@dxelab/qemu-machine';
import { createQemuMachine, probeQemu, QemuError } from '@dxelab/qemu-machine';
import type { EfiBootServices, EfiHandle, Protocol } from '@dxelab/uefi';
import {
  convertDevicePathToText,
  efiStatusOf,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  PciRootBridgeIoProtocol,
} from '@dxelab/uefi';
import type { DxeModule, Profile } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import { VirtioDeviceProtocol } from '@dxelab/virtio';

const MIB = 2 ** 20;
/** A boot takes less than a second; what takes this much longer hangs. */
const BUDGET = { time: 30e9 };

/** What is installed here, or why nothing can be tried with it. Asked once: it takes its time. */
const INSTALLED = ((): QemuProgram | string => {
  try {
    return probeQemu();
  } catch (caught) {
    if (caught instanceof QemuError) return caught.message;
    throw caught;
  }
})();

/** Why tests against QEMU cannot run here; `undefined` if they can, or if they must. */
export function whyNoQemu(): string | undefined {
  if (process.env['DXELAB_REQUIRE_TOOLS'] === '1') return undefined;
  return typeof INSTALLED === 'string' ? `[skipped: ${INSTALLED}]` : undefined;
}

export interface QemuWorldOptions extends Partial<QemuMachineOptions> {
  readonly profile?: Profile;
  /** What runs in place of \EFI\BOOT\BOOTX64.EFI. */
  readonly standIn?: DxeModule;
  /** Modules of OVMF's that are left out, by their names. */
  readonly without?: readonly string[];
  /** Drivers that come behind OVMF's. */
  readonly drivers?: readonly DxeModule[];
}

/** A real QEMU, and the whole firmware on it. */
export class QemuWorld implements Disposable {
  readonly machine: QemuMachine;
  readonly core: DxeCore;
  readonly bs: EfiBootServices;
  readonly debug: DebugRecord[] = [];
  readonly attempts: BootAttempt[] = [];

  constructor(worldOptions: QemuWorldOptions = {}) {
    const { profile = 'specification', standIn, without = [], ...rest } = worldOptions;
    const { drivers = [], ...options } = rest;
    this.machine = createQemuMachine({
      ...(typeof INSTALLED === 'string' ? {} : { qemu: INSTALLED }),
      machine: 'q35',
      memory: 64 * MIB,
      budget: BUDGET,
      ...options,
    });
    this.core = createDxeCore(this.machine.platform, {
      modules: [
        ...ovmf({ onAttempt: (attempt) => this.attempts.push(attempt) }).filter(
          ({ name }) => !without.includes(name),
        ),
        ...drivers,
      ],
      quirks: new Quirks(profile),
      runtimes: [
        {
          name: 'stand-in',
          resolve: () =>
            standIn?.hardware === true
              ? undefined
              : standIn &&
                ((handle, table, libraries) => standIn.entryPoint(handle, table, libraries)),
        },
      ],
      onDebug: (record) => this.debug.push(record),
    });
    this.bs = this.core.systemTable.bootServices;
  }

  /** Boots until the world ends. */
  boot(): TerminalSignal {
    try {
      return this.core.run();
    } catch (caught) {
      if (isTerminalSignal(caught)) return caught;
      throw caught;
    }
  }

  /** Takes the part of BDS: dispatches, and connects what hangs from the root bridge, or stands in the device tree. */
  connect(): this {
    this.core.dispatch();
    const bridges = this.handlesWith(PciRootBridgeIoProtocol);
    const roots = bridges.length > 0 ? bridges : this.handlesWith(VirtioDeviceProtocol);
    for (const root of roots) this.#connectIfWanted(root);
    return this;
  }

  #connectIfWanted(root: EfiHandle): void {
    try {
      this.bs.connectController(root, undefined, undefined, true);
    } catch (caught) {
      // That no driver was started is seen by what is missing then.
      if (efiStatusOf(caught) !== 'EFI_NOT_FOUND') throw caught;
    }
  }

  handlesWith(protocol: Protocol<unknown>): readonly EfiHandle[] {
    return this.core
      .handles()
      .filter(({ protocols }) => protocols.some(({ guid }) => guid === protocol.guid))
      .map(({ handle }) => handle);
  }

  /** Opens a protocol of the one handle that has it. */
  open<Interface>(protocol: Protocol<Interface>): Interface {
    const [handle, ...others] = this.handlesWith(protocol);
    if (handle === undefined || others.length > 0) {
      const found = handle === undefined ? 'none' : `${others.length + 1} of them`;
      throw new TypeError(`expected one ${protocol.name}, found ${found}: ${this.troubles.join()}`);
    }
    const { labImage } = this.core;
    const attributes = EFI_OPEN_PROTOCOL_GET_PROTOCOL;
    return this.bs.openProtocol(handle, protocol, labImage, undefined, attributes);
  }

  /** What the serial console shows. */
  get console(): string {
    return Buffer.from(this.machine.takeConsole()).toString('utf8');
  }

  /** Why drivers failed to start. */
  get troubles(): readonly string[] {
    return this.core
      .startFailures()
      .map(
        ({ driver, error }) => `${this.core.nameOf(driver.driverBindingHandle)}: ${error.message}`,
      );
  }

  /** The handles with a device path, with protocols and the drivers that manage them, as lines of text. */
  get deviceTree(): readonly string[] {
    return this.core.handles().flatMap(({ protocols }) => {
      const path = protocols.find(({ name }) => name === 'DevicePath')?.interface;
      if (!(path instanceof Uint8Array)) return [];
      const drivers = protocols.flatMap(({ opens }) =>
        opens
          .filter(({ attributes }) => (attributes & EFI_OPEN_PROTOCOL_BY_DRIVER) !== 0)
          .map(({ agentHandle }) => agentHandle && this.core.nameOf(agentHandle)),
      );
      const names = protocols.map(({ name }) => name).join(' ');
      return [`${convertDevicePathToText(path)}: ${names} | ${[...new Set(drivers)].join(' ')}`];
    });
  }

  [Symbol.dispose](): void {
    this.machine.close();
  }
}
