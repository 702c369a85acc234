import { tracePlatform } from '@dxelab/platform';
import type { Platform, TraceEvents, WaistAccess } from '@dxelab/platform';
import { convertDevicePathToText, devicePath } from '@dxelab/uefi';
import { virtioMmioNode } from '@dxelab/virtio';
import { ConfigAccess } from './config-access.ts';
import { DeviceLog } from './device-log.ts';
import { mmioDevices } from './mmio-observer.ts';
import type { MmioVirtio } from './mmio-observer.ts';
import { PciObserver } from './pci-observer.ts';
import type { Window } from './pci-windows.ts';
import { quietLook } from './quiet-look.ts';
import type { QueueWatcher } from './queue-watcher.ts';
import { registerAt } from './registers.ts';
import { VirtioObserver } from './virtio-observer.ts';

/** What is done with each event of a kind. */
export type Handlers = {
  readonly [Name in keyof TraceEvents]?: (fields: TraceEvents[Name]) => void;
};

/** Hears every access of the firmware to its machine, and knows which device it is for. */
export class AccessRecorder {
  readonly platform: Platform;
  /** In the order in which they were found. */
  readonly logs: DeviceLog[] = [];
  readonly #machine: Platform;
  readonly #config: ConfigAccess;
  readonly #pci: PciObserver;
  readonly #mmio: readonly MmioVirtio[];
  readonly #observers: VirtioObserver[] = [];
  readonly #watcher: QueueWatcher | undefined;

  /** @param watcher is told what becomes of the queues of every virtio device */
  constructor(machine: Platform, watcher?: QueueWatcher) {
    const observe = (name: string): VirtioObserver => this.#observe(name);
    this.#machine = machine;
    this.#watcher = watcher;
    this.#config = new ConfigAccess(machine);
    this.#pci = new PciObserver(this.#config, observe);
    this.#mmio = mmioDevices(machine, observe);
    const ramRead = ({ address, size }: WaistAccess): void => this.#ramRead(address, size);
    const handlers: Handlers = {
      waist_ram_read: ramRead,
      waist_ram_read_bytes: ({ address, length }) => this.#ramRead(address, length),
      waist_mmio_read: (access) => this.#mmioAccess(access, false),
      waist_mmio_write: (access) => this.#mmioAccess(access, true),
      waist_port_read: (access) => this.#portAccess(access, false),
      waist_port_write: (access) => this.#portAccess(access, true),
      // Behind a barrier a device may come to what the driver has made available, and write over it.
      waist_fence: () => this.#lookAtAvailable(),
      waist_reset: () => this.#lookAtQueues(),
      waist_end: () => this.#lookAtQueues(),
    };
    this.platform = tracePlatform(machine, (name, fields) => handlers[name]?.(fields));
  }

  /** PCI functions that are no virtio devices. */
  get chipset(): ReadonlyMap<string, string> {
    return this.#pci.chipset;
  }

  /** The log of the device that a PCI function is. @param func as `ConfigAddress` numbers it */
  logOfFunction(func: number): DeviceLog | undefined {
    return this.#pci.at(func)?.log;
  }

  /** The logs of devices on MMIO, by the text of their device path. */
  get logsByPath(): ReadonlyMap<string, DeviceLog> {
    return new Map(
      this.#mmio.map(({ observer, window }) => [
        convertDevicePathToText(devicePath(virtioMmioNode(window.base))),
        observer.log,
      ]),
    );
  }

  #observe(name: string): VirtioObserver {
    const log = new DeviceLog(name);
    const observer = new VirtioObserver(log, this.#machine.ram, this.#watcher);
    this.logs.push(log);
    this.#observers.push(observer);
    return observer;
  }

  /** A driver looks whether something has come back. */
  #ramRead(address: number, length: number): void {
    for (const { queues } of this.#observers) {
      for (const queue of queues) {
        if (!queue.isPolled(address, length)) continue;
        quietLook(this.#machine.cycles, () => queue.look());
      }
    }
  }

  #lookAtAvailable(): void {
    quietLook(this.#machine.cycles, () => {
      for (const { queues } of this.#observers) {
        for (const queue of queues) queue.lookAtAvailable();
      }
    });
  }

  /** The world is about to end: what nobody has looked for is written down. */
  #lookAtQueues(): void {
    quietLook(this.#machine.cycles, () => {
      for (const { queues } of this.#observers) for (const queue of queues) queue.look();
    });
  }

  #mmioAccess({ address, size, value }: WaistAccess, write: boolean): void {
    const config = this.#config.ofMmio(address);
    if (config !== undefined) {
      this.#pci.configAccess(config.function, config.offset, write, size, value);
      return;
    }
    const onBoard = this.#mmio.find(
      ({ window: { base, length } }) => address >= base && address < base + length,
    );
    const found = onBoard ?? this.#pci.find('mmio', address);
    if (found !== undefined) this.#registerAccess(found, { address, size, value }, write);
  }

  #portAccess({ address, size, value }: WaistAccess, write: boolean): void {
    const config = this.#config.ofPort(address);
    if (config !== undefined) {
      this.#pci.configAccess(config.function, config.offset, write, size, value);
      return;
    }
    if (write) this.#config.portWritten(address, Number(value));
    const found = this.#pci.find('port', address);
    if (found !== undefined) this.#registerAccess(found, { address, size, value }, write);
  }

  #registerAccess(
    { observer, window }: { readonly observer: VirtioObserver; readonly window: Window },
    { address, size: width, value }: WaistAccess,
    write: boolean,
  ): void {
    const place = registerAt(window.structure, address - window.base, window.configOffset);
    quietLook(this.#machine.cycles, () => observer.access({ place, write, width, value }));
  }
}
