import type { PciConfigReader } from '@dxelab/pci';
import {
  PCI_BASE_ADDRESSREG_OFFSET,
  PCI_CAPBILITY_POINTER_OFFSET,
  PCI_DEVICE_ID_OFFSET,
  PCI_EXPANSION_ROM_BASE,
  PCI_NO_VENDOR,
  PCI_SUBSYSTEM_ID_OFFSET,
  PCI_VENDOR_ID_OFFSET,
} from '@dxelab/pci';
import {
  VIRTIO_PCI_MODERN_DEVICE_ID_BASE,
  VIRTIO_PCI_TRANSITIONAL_DEVICE_ID_FIRST,
  VIRTIO_VENDOR_ID,
} from '@dxelab/virtio';
import type { ConfigAccess } from './config-access.ts';
import { ADDRESS, valueFact } from './device-log.ts';
import { deviceName } from './device-name.ts';
import type { NamedCapability } from './pci-registers.ts';
import { configAt } from './pci-registers.ts';
import type { Window } from './pci-windows.ts';
import { namedCapabilities, pciWindows } from './pci-windows.ts';
import type { Fact } from './recording.ts';
import type { VirtioObserver } from './virtio-observer.ts';

/** A virtio device that is a PCI function. */
interface PciVirtio {
  readonly observer: VirtioObserver;
  readonly deviceId: number;
  readonly read: PciConfigReader;
  readonly capabilities: readonly NamedCapability[];
  /** `undefined` while the firmware may have moved them. */
  windows: readonly Window[] | undefined;
  /** BARs that were last written with ones, to learn their size. */
  readonly sizing: Set<number>;
}

const LAST_VIRTIO_ID = 0x107f;
/** Of a capability's header. */
const NEXT_POINTER = 0xff00;
/** A write of these, or of all but the low bits, asks a BAR for its size (PCI Local Bus 3.0 §6.2.5.1). */
const SIZING = 0xffff_f800;

/** Finds the virtio devices on PCI as the firmware does, and knows what its accesses reach. */
export class PciObserver {
  readonly #config: ConfigAccess;
  readonly #observe: (name: string) => VirtioObserver;
  readonly #functions = new Map<number, PciVirtio | 'other'>();
  readonly chipset: Map<string, string> = new Map();

  /** @param observe is told of each device that is found */
  constructor(config: ConfigAccess, observe: (name: string) => VirtioObserver) {
    this.#config = config;
    this.#observe = observe;
  }

  /** The observer of the device at a place, if a virtio device is there. */
  at(func: number): VirtioObserver | undefined {
    const known = this.#functions.get(func);
    return known === undefined || known === 'other' ? undefined : known.observer;
  }

  /** An access to configuration space; writes before they are done, reads afterwards. */
  configAccess(
    func: number,
    offset: number,
    write: boolean,
    width: number,
    value: number | bigint,
  ): void {
    if (!this.#functions.has(func) && !write && offset === PCI_VENDOR_ID_OFFSET && width > 1) {
      this.#discover(func, Number(BigInt(value) & 0xffffn));
    }
    const device = this.#functions.get(func);
    if (device === undefined || device === 'other') return;
    if (write) device.windows = undefined;
    const { name, role } = configAt(offset, device.capabilities);
    let fact = valueFact(value, width);
    if (role === 'bar') fact = barFact(device, offset, write, width, Number(value));
    else if (role === 'pointer') fact = pointerFact(offset, width, Number(value));
    device.observer.log.register({ name, write, width, fact });
  }

  /** The device and the structure that an address is in. */
  find(
    space: Window['space'],
    address: number,
  ): { readonly observer: VirtioObserver; readonly window: Window } | undefined {
    let found: { readonly observer: VirtioObserver; readonly window: Window } | undefined;
    for (const device of this.#functions.values()) {
      if (device === 'other') continue;
      device.windows ??= pciWindows(device.read, device.deviceId);
      for (const window of device.windows) {
        const inside = address >= window.base && address < window.base + window.length;
        if (window.space !== space || !inside) continue;
        // A legacy window may be shorter than we know: the nearest one is meant.
        if (found === undefined || window.base > found.window.base) {
          found = { observer: device.observer, window };
        }
      }
    }
    return found;
  }

  /** The firmware has read a vendor: something may be there. */
  #discover(func: number, vendor: number): void {
    if (vendor === PCI_NO_VENDOR || vendor === 0) return;
    const read = this.#config.reader(func);
    const deviceId = read(1, PCI_DEVICE_ID_OFFSET);
    const isVirtio =
      vendor === VIRTIO_VENDOR_ID &&
      deviceId >= VIRTIO_PCI_TRANSITIONAL_DEVICE_ID_FIRST &&
      deviceId <= LAST_VIRTIO_ID;
    if (!isVirtio) {
      this.chipset.set(slotText(func), `${hex(vendor)}:${hex(deviceId)}`);
      this.#functions.set(func, 'other');
      return;
    }
    const type =
      deviceId >= VIRTIO_PCI_MODERN_DEVICE_ID_BASE
        ? deviceId - VIRTIO_PCI_MODERN_DEVICE_ID_BASE
        : read(1, PCI_SUBSYSTEM_ID_OFFSET);
    this.#functions.set(func, {
      observer: this.#observe(deviceName(type, slotText(func))),
      deviceId,
      read,
      capabilities: namedCapabilities(read),
      windows: undefined,
      sizing: new Set(),
    });
  }
}

/** What a BAR is given is an address; what it says of its size, when ones were written, is not. */
function barFact(
  { sizing }: PciVirtio,
  offset: number,
  write: boolean,
  width: number,
  value: number,
): Fact {
  const isBar = offset >= PCI_BASE_ADDRESSREG_OFFSET && offset <= PCI_EXPANSION_ROM_BASE;
  const ones = isBar && value >= SIZING;
  if (write) {
    if (ones) sizing.add(offset);
    else sizing.delete(offset);
  }
  return (write ? ones : sizing.has(offset)) ? valueFact(value, width) : ADDRESS;
}

/** Where capabilities stand is the device's choice; which ones follow is seen by what is read next. */
function pointerFact(offset: number, width: number, value: number): Fact {
  if (offset === PCI_CAPBILITY_POINTER_OFFSET) return { part: 'value', text: '(pointer)' };
  return valueFact((value & ~NEXT_POINTER) >>> 0, width);
}

/** As `lspci` writes it; the bus only where it is not the first. */
function slotText(func: number): string {
  const bus = func >>> 8;
  const slot = `${((func >>> 3) & 0x1f).toString(16).padStart(2, '0')}.${func & 7}`;
  return bus === 0 ? slot : `${bus.toString(16).padStart(2, '0')}:${slot}`;
}

function hex(id: number): string {
  return id.toString(16).padStart(4, '0');
}
