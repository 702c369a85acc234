import type { DxeCore } from '@dxelab/dxe-core';
import { createDxeCore } from '@dxelab/dxe-core';
import type { EmulatedMachine, MachineFinding } from '@dxelab/emulated-machine';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { pciBusDxe } from '@dxelab/pci-bus-dxe';
import { PciFunction, PciHostBridge } from '@dxelab/pci-devices';
import { pciHostBridgeDxe } from '@dxelab/pci-host-bridge-dxe';
import type { Tracer } from '@dxelab/platform';
import type { EfiBootServices, EfiDriverBinding, EfiHandle, Protocol } from '@dxelab/uefi';
import {
  BdsArchProtocol,
  DriverBindingProtocol,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  efiStatusOf,
  guid,
  PciIoProtocol,
  PciRootBridgeIoProtocol,
} from '@dxelab/uefi';
import type { DxeModule, Profile, QuirkName } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import type { VirtioMmio } from '@dxelab/virtio-devices';
import { VirtioMmioBus } from '@dxelab/virtio-devices';

const MEMORY = 64 * 1024 * 1024;
const SLOT = 2;

/** Drivers without a dependency expression wait for BDS; these tests are its own. */
const noBds: DxeModule = {
  name: 'NoBds',
  fileGuid: guid('5e2f0a3c-7c54-4f19-9c12-3a3f7b5a0c11'),
  moduleType: 'DXE_DRIVER',
  depex: { op: 'TRUE' },
  entryPoint: (imageHandle, { bootServices }) => {
    bootServices.installProtocolInterface(imageHandle, BdsArchProtocol, { entry() {} });
  },
};

export interface VirtioWorldOptions {
  /** The drivers above PCI. */
  readonly modules: readonly DxeModule[];
  readonly profile?: Profile | undefined;
  readonly quirks?: Partial<Record<QuirkName, boolean>> | undefined;
  /** Whether devices reach only what IoMmuDxe, one of the modules, has shared with them. Default: no. */
  readonly privateMemory?: boolean;
  /** Hears of each access to the registers once the device has answered it. */
  readonly onAccess?: (access: string) => void;
}

/** A machine with one device, on PCI or on MMIO, and the firmware that finds and may drive it. */
export class VirtioWorld {
  readonly machine: EmulatedMachine;
  readonly core: DxeCore;
  readonly bs: EfiBootServices;
  readonly findings: MachineFinding[] = [];
  /** What the driver did to the device's registers: `W8 common+14 = 0f`, or `W8 @12 = 07`. */
  readonly accesses: string[] = [];
  /** The names of all trace events, in order. */
  readonly events: string[] = [];

  constructor(
    device: PciFunction | VirtioMmio,
    { modules, profile = 'specification', quirks, privateMemory, onAccess }: VirtioWorldOptions,
  ) {
    const bridge = new PciHostBridge();
    const mmio = new VirtioMmioBus();
    if (device instanceof PciFunction) bridge.plug(`0${SLOT}.0`, device);
    else mmio.plug(device);
    const trace: Tracer = (name, fields) => {
      this.events.push(name);
      const write = name === 'memory_region_ops_write';
      if (!write && name !== 'memory_region_ops_read') return;
      if (!isRegionAccess(fields)) return;
      const access = registerAccess(device.name, write, fields);
      if (access === undefined) return;
      this.accesses.push(access);
      onAccess?.(access);
    };
    this.machine = createEmulatedMachine({
      memory: MEMORY,
      privateMemory: privateMemory === true,
      devices: device instanceof PciFunction ? [bridge] : [bridge, mmio],
      budget: { virtualTime: 10e9 },
      onFinding: (finding) => this.findings.push(finding),
      trace,
    });
    this.core = createDxeCore(this.machine.platform, {
      modules: [noBds, pciHostBridgeDxe, pciBusDxe, ...modules],
      quirks: new Quirks(profile, quirks),
      trace,
    });
    this.core.dispatch();
    this.bs = this.core.systemTable.bootServices;
  }

  /** Connects the root bridge and, unless it is to stop there, all that it brings forth. */
  connectRoot(recursive = true): void {
    this.bs.connectController(this.only(PciRootBridgeIoProtocol), undefined, undefined, recursive);
  }

  /** Connects whatever has been found so far. */
  connectAll(): void {
    this.connectRoot();
    for (const handle of this.#handlesWith(VirtioDeviceProtocol)) {
      this.#connectIfWanted(handle);
    }
  }

  /** The function's handle: it is in slot 2, whatever else is on the bus. */
  get function(): EfiHandle {
    const handle = this.#handlesWith(PciIoProtocol).find(
      (candidate) => this.#open(candidate, PciIoProtocol).getLocation().device === SLOT,
    );
    if (handle === undefined) throw new TypeError('the function was not enumerated');
    return handle;
  }

  /** The one handle with a protocol. */
  only(protocol: Protocol<unknown>): EfiHandle {
    const [handle] = this.#handlesWith(protocol);
    if (handle !== undefined) return handle;
    throw new TypeError(`no handle has ${protocol.name}: ${this.failures().join('; ')}`);
  }

  has(protocol: Protocol<unknown>): boolean {
    return this.#handlesWith(protocol).length > 0;
  }

  /** Opens a protocol of the one handle that has it. */
  openOnly<Interface>(protocol: Protocol<Interface>): Interface {
    return this.#open(this.only(protocol), protocol);
  }

  /** The image of a driver, which is its binding handle. */
  image(driver: string): EfiHandle {
    const image = this.#handlesWith(DriverBindingProtocol).find(
      (handle) => this.core.nameOf(handle) === driver,
    );
    if (image === undefined) throw new TypeError(`there is no driver ${driver}`);
    return image;
  }

  /** The driver binding itself, for a test that takes the part of ConnectController. */
  binding(driver: string): EfiDriverBinding {
    return this.#open(this.image(driver), DriverBindingProtocol);
  }

  /** Why drivers did not start. */
  failures(): readonly string[] {
    return this.core.startFailures().map(({ error }) => error.message);
  }

  /** What the driver does to the device while `body` runs. */
  during(body: () => void): readonly string[] {
    this.accesses.length = 0;
    body();
    return [...this.accesses];
  }

  /** How many pages nobody has allocated. */
  freePages(): number {
    return this.bs
      .getMemoryMap()
      .descriptors.filter(({ type }) => type === 'EfiConventionalMemory')
      .reduce((sum, { numberOfPages }) => sum + numberOfPages, 0);
  }

  #connectIfWanted(handle: EfiHandle): void {
    try {
      this.bs.connectController(handle);
    } catch (caught) {
      if (efiStatusOf(caught) !== 'EFI_NOT_FOUND') throw caught;
    }
  }

  #open<Interface>(handle: EfiHandle, protocol: Protocol<Interface>): Interface {
    const { labImage } = this.core;
    const attributes = EFI_OPEN_PROTOCOL_GET_PROTOCOL;
    return this.bs.openProtocol(handle, protocol, labImage, undefined, attributes);
  }

  #handlesWith(protocol: Protocol<unknown>): readonly EfiHandle[] {
    const handles = this.core
      .handles()
      .filter(({ protocols }) =>
        protocols.some(({ guid: installed }) => installed === protocol.guid),
      );
    return handles.map(({ handle }) => handle);
  }
}

interface RegionAccess {
  readonly region: string;
  readonly address: number;
  readonly size: number;
  readonly value: number;
}

function isRegionAccess(fields: object): fields is RegionAccess {
  return 'region' in fields && 'value' in fields;
}

/** The structures of a modern function's BAR 4, 4 KiB each. */
const STRUCTURES = ['common', 'isr', 'device', 'notify'];

function registerAccess(
  device: string,
  write: boolean,
  { region, address, size, value }: RegionAccess,
): string | undefined {
  const register = registerName(device, region, address);
  if (register === undefined) return undefined;
  return `${write ? 'W' : 'R'}${size * 8} ${register} = ${hex(value)}`;
}

/** Relative to where the registers begin; `undefined` if these are no registers of the device's. */
function registerName(device: string, region: string, address: number): string | undefined {
  switch (region) {
    case `${device} BAR4`:
      return `${STRUCTURES[(address >> 12) & 3]}+${hex(address & 0xfff)}`;
    case `${device} BAR0`:
      return `@${hex(address & 0xff)}`;
    case `${device} mmio`:
      return `@${hex(address & 0x1ff)}`;
    default:
      return undefined;
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}
