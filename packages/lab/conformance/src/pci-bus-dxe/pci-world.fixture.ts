import type { DxeCore } from '@dxelab/dxe-core';
import { createDxeCore } from '@dxelab/dxe-core';
import type {
  EmulatedMachine,
  EmulatedMachineOptions,
  MachineFinding,
} from '@dxelab/emulated-machine';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { pciBusDxe } from '@dxelab/pci-bus-dxe';
import type { PciBarOptions, PciFunctionOptions } from '@dxelab/pci-devices';
import { PciFunction, PciHostBridge } from '@dxelab/pci-devices';
import { pciHostBridgeDxe } from '@dxelab/pci-host-bridge-dxe';
import type { PciRootBridgeHob, Platform } from '@dxelab/platform';
import type { EfiBootServices, EfiHandle, EfiPciIo, EfiStatus, Protocol } from '@dxelab/uefi';
import {
  BdsArchProtocol,
  DevicePathProtocol,
  PciIoProtocol,
  PciRootBridgeIoProtocol,
  convertDevicePathToText,
  efiStatusOf,
} from '@dxelab/uefi';
import type { Profile, QuirkName } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';

const MIB = 2 ** 20;

/** Registers behind a BAR that remember what was written to them, by byte. */
export class Scratch {
  readonly bytes = new Map<number, number>();

  read(offset: number, width: number): number {
    let value = 0;
    for (let byte = width - 1; byte >= 0; byte--) {
      value = value * 256 + (this.bytes.get(offset + byte) ?? 0);
    }
    return value;
  }

  write(offset: number, width: number, value: number): void {
    for (let byte = 0; byte < width; byte++) {
      this.bytes.set(offset + byte, (value >>> (8 * byte)) & 0xff);
    }
  }
}

/** What a test wants of a BAR. */
export type TestBar = readonly [
  index: number,
  kind: PciBarOptions['kind'],
  size: number,
  prefetchable?: boolean,
];

/** A function with BARs and nothing behind them but memory. */
export function testFunction(
  name: string,
  bars: readonly TestBar[] = [],
  options: Partial<PciFunctionOptions> = {},
): PciFunction {
  const identity = { vendorId: 0x1234, deviceId: 0x0001, classCode: 0xff0000 };
  const func = new PciFunction({ name, ...identity, ...options });
  for (const [index, kind, size, prefetchable = false] of bars) {
    func.addBar(index, { kind, size, prefetchable, handler: new Scratch() });
  }
  return func;
}

/** A function as it stands in the handle database. */
export interface WorldFunction {
  readonly handle: EfiHandle;
  readonly pciIo: EfiPciIo;
}

export interface PciWorldOptions {
  readonly profile?: Profile;
  readonly quirks?: Partial<Record<QuirkName, boolean>>;
  /** In bytes, or the ranges themselves. */
  readonly memory?: EmulatedMachineOptions['memory'];
  /** Changes what the firmware is told of the root bridge. */
  readonly rootBridge?: (hob: PciRootBridgeHob) => PciRootBridgeHob;
}

/** A machine with PCI functions, and a firmware with the two PCI drivers and no others. */
export class PciWorld {
  readonly machine: EmulatedMachine;
  readonly findings: MachineFinding[] = [];
  /** What the modules said, without the level. */
  readonly messages: string[] = [];
  readonly core: DxeCore;
  readonly bs: EfiBootServices;
  readonly rootBridge: EfiHandle;

  /** @param plug puts the functions into the machine */
  constructor(plug: (host: PciHostBridge) => void, options: PciWorldOptions = {}) {
    const host = new PciHostBridge();
    plug(host);
    this.machine = createEmulatedMachine({
      memory: options.memory ?? 16 * MIB,
      devices: [host],
      onFinding: (finding) => this.findings.push(finding),
    });
    const { hobs } = this.machine.platform;
    const told = options.rootBridge ?? ((hob) => hob);
    const platform: Platform = {
      ...this.machine.platform,
      hobs: { ...hobs, pciRootBridges: hobs.pciRootBridges.map(told) },
    };
    this.core = createDxeCore(platform, {
      modules: [pciHostBridgeDxe, pciBusDxe],
      quirks: new Quirks(options.profile ?? 'specification', options.quirks),
      onDebug: ({ message }) => this.messages.push(message),
    });
    this.bs = this.core.systemTable.bootServices;
    // UEFI drivers wait for BDS, whose part the test takes.
    this.bs.installProtocolInterface(undefined, BdsArchProtocol, { entry: () => {} });
    this.core.dispatch();
    this.rootBridge = this.only(PciRootBridgeIoProtocol);
  }

  /** Connects the root bridge, as BDS does. */
  connect(): this {
    this.bs.connectController(this.rootBridge);
    return this;
  }

  /** The functions that have handles, by their device paths, in the order of the handles. */
  get functions(): ReadonlyMap<string, WorldFunction> {
    return new Map(
      this.handlesWith(PciIoProtocol).map((handle) => {
        const path = this.bs.handleProtocol(handle, DevicePathProtocol);
        const pciIo = this.bs.handleProtocol(handle, PciIoProtocol);
        return [convertDevicePathToText(path, { edk2: true }), { handle, pciIo }];
      }),
    );
  }

  /** The function with this device path. */
  at(path: string): WorldFunction {
    const found = this.functions.get(path);
    if (found === undefined) {
      throw new Error(`${path} is not among ${[...this.functions.keys()].join(', ')}`);
    }
    return found;
  }

  handlesWith(protocol: Protocol<unknown>): readonly EfiHandle[] {
    try {
      return this.bs.locateHandleBuffer({ type: 'ByProtocol', protocol });
    } catch (caught) {
      if (efiStatusOf(caught) === 'EFI_NOT_FOUND') return [];
      throw caught;
    }
  }

  /** The one handle with a protocol. */
  only(protocol: Protocol<unknown>): EfiHandle {
    const [handle, ...others] = this.handlesWith(protocol);
    if (handle === undefined || others.length > 0) {
      throw new Error(`one ${protocol.name} is expected, not ${others.length + 1}`);
    }
    return handle;
  }
}

/** The status of what a service throws, or EFI_SUCCESS. */
export function statusOf(body: () => unknown): EfiStatus {
  try {
    body();
    return 'EFI_SUCCESS';
  } catch (caught) {
    return efiStatusOf(caught);
  }
}
