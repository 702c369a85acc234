import type { DxeCore } from '@dxelab/dxe-core';
import type { EmulatedMachine } from '@dxelab/emulated-machine';
import type { BootRecord, DebugMessage, ReportedFinding } from '@dxelab/scenario';
import { reachDevicePath } from '@dxelab/scenario';
import type { EfiBootServices, EfiHandle } from '@dxelab/uefi';
import { convertTextToDevicePath, isEfiFailure } from '@dxelab/uefi';
import { Controller } from './controller.ts';
import { addedBetween, leaksBetween, takeInventory } from './inventory.ts';
import type { Inventory, LeakReport } from './inventory.ts';

/** What a lab is made of. */
export interface LabParts {
  readonly machine: EmulatedMachine;
  readonly core: DxeCore;
  readonly record: BootRecord;
  /** The images of the drivers under test. */
  readonly driversUnderTest: readonly EfiHandle[];
}

/** A machine that is switched on, with a firmware whose drivers wait for something to do. */
export class Lab {
  readonly machine: EmulatedMachine;
  readonly core: DxeCore;
  readonly #record: BootRecord;
  readonly #drivers: readonly EfiHandle[];
  readonly #driverNames: ReadonlySet<string>;
  /** What is there without the controllers that were connected. */
  #known: Inventory;
  /** In the order in which they were connected. */
  readonly #connected = new Set<EfiHandle>();

  constructor({ machine, core, record, driversUnderTest }: LabParts) {
    this.machine = machine;
    this.core = core;
    this.#record = record;
    this.#drivers = driversUnderTest;
    this.#driverNames = new Set(driversUnderTest.flatMap((image) => core.nameOf(image) ?? []));
    this.#known = takeInventory(core, this.#driverNames);
  }

  /** Boot services as an image of the lab's own sees them. */
  get bs(): EfiBootServices {
    return this.core.systemTable.bootServices;
  }

  /** What drivers did against the rules, as the devices noticed it. */
  get findings(): readonly ReportedFinding[] {
    return this.#record.findings;
  }

  /** What modules said with DEBUG. */
  get debug(): readonly DebugMessage[] {
    return this.#record.debug;
  }

  /** What came out of the serial port. */
  get console(): string {
    return this.#record.console;
  }

  /**
   * Connects a controller, and what lies below it; the drivers under test are tried before all others.
   * The buses above it are connected as far as it takes, and stay so.
   * @param devicePath as text: `PciRoot(0x0)/Pci(0x2,0x0)`
   * @throws EFI_NOT_FOUND if no driver makes such a controller; what Start() of a driver under test threw
   */
  connect(devicePath: string): Controller {
    const path = convertTextToDevicePath(devicePath);
    const before = takeInventory(this.core, this.#driverNames);
    const handle = reachDevicePath(this.bs, path, this.#drivers);
    this.#known = addedBetween(this.#known, before, takeInventory(this.core, this.#driverNames));
    this.#connected.add(handle);
    this.#unlessNone(() => this.bs.connectController(handle, this.#drivers, undefined, true));
    const failure = this.core
      .startFailures()
      .find(
        ({ controller, driver }) =>
          controller === handle && this.#drivers.includes(driver.imageHandle),
      );
    if (failure !== undefined) throw failure.error;
    return new Controller(this.core, handle);
  }

  /**
   * Disconnects what was connected, the last first; the buses above it stay.
   * @returns what is there in the end and would not be if nothing had been connected
   * @throws what DisconnectController throws when a driver refuses
   */
  disconnect(): LeakReport {
    for (const handle of [...this.#connected].toReversed()) {
      // A child of one that was disconnected before is no handle any more.
      const alive = this.core.handles().some((snapshot) => snapshot.handle === handle);
      if (alive) this.#unlessNone(() => this.bs.disconnectController(handle));
    }
    this.#connected.clear();
    return leaksBetween(this.#known, takeInventory(this.core, this.#driverNames));
  }

  /** "No driver" is an answer here. */
  #unlessNone(service: () => void): void {
    try {
      service();
    } catch (caught) {
      if (!isEfiFailure(caught) || caught.status !== 'EFI_NOT_FOUND') throw caught;
    }
  }
}
