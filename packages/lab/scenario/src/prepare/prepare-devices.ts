import { SparseBackend, virtioBlkSettings } from '@dxelab/virtio-devices';
import type { VirtioBlkOptions } from '@dxelab/virtio-devices';
import type { Host, OpenDisk } from '../host.ts';
import { placeDevices } from '../placement.ts';
import type { PlacedDevice } from '../placement.ts';
import type { CustomDeviceData, Scenario, VirtioBlkData } from '../scenario.ts';
import type { CustomDevice } from '../scenario-input.ts';
import { ScenarioError } from '../source/scenario-error.ts';
import type { ScenarioPath } from '../source/scenario-problem.ts';
import { loadNamed } from './load-modules.ts';
import { describeExports, exportOf } from './module-exports.ts';
import {
  backendFor,
  preparedBridge,
  preparedCustom,
  preparedVirtioBlk,
} from './prepared-device.ts';
import type { PreparedDevice, PreparedDisk } from './prepared-device.ts';

/** Opens what the devices of one scenario need. */
export class DevicePreparation {
  readonly #scenario: Scenario;
  readonly #host: Host;
  /** Files by their resolved paths: two devices over one image share it. */
  readonly #open = new Map<string, OpenDisk>();

  constructor(scenario: Scenario, host: Host) {
    this.#scenario = scenario;
    this.#host = host;
  }

  /** @throws ScenarioError for what cannot be opened, loaded, or built */
  async devices(): Promise<readonly PreparedDevice[]> {
    const { machine, source } = this.#scenario;
    return await this.#all(placeDevices(machine.devices, source));
  }

  /** Closes every file. */
  close(): void {
    for (const disk of this.#open.values()) disk.close();
    this.#open.clear();
  }

  async #all(placed: readonly PlacedDevice[]): Promise<readonly PreparedDevice[]> {
    const prepared: PreparedDevice[] = [];
    // One after the other, so that of several problems always the same one is reported.
    for (const device of placed) prepared.push(await this.#device(device));
    return prepared;
  }

  async #device({ device, slot, path, children }: PlacedDevice): Promise<PreparedDevice> {
    const name = `${device.kind} ${slot}`;
    if (device.kind === 'pci-bridge') return preparedBridge(slot, name, await this.#all(children));
    if (device.kind === 'custom') return preparedCustom(slot, await this.#factory(device, path));
    const disk = this.#disk(device, path);
    const { topology } = device;
    const options = { ...device.options, ...(topology === undefined ? {} : { topology }) };
    this.#check({ ...options, backend: backendFor(disk) }, path);
    return preparedVirtioBlk(slot, name, disk, options);
  }

  #disk({ image, writable }: VirtioBlkData, path: ScenarioPath): PreparedDisk {
    if (typeof image !== 'string') {
      return 'zeros' in image
        ? { backend: new SparseBackend(image.zeros), writable: false }
        : { backend: image, writable };
    }
    const { source } = this.#scenario;
    try {
      const file = this.#host.resolve(source.file, image);
      const key = `${writable} ${file}`;
      const disk = this.#open.get(key) ?? this.#host.openDisk(file, { writable });
      this.#open.set(key, disk);
      return { backend: disk.backend, writable };
    } catch (caught) {
      const reason = caught instanceof Error ? caught.message : String(caught);
      throw new ScenarioError([source.problem([...path, 'image'], reason)], caught);
    }
  }

  /** What only shows when disk and options come together: a size that is no whole number of blocks. */
  #check(options: VirtioBlkOptions, path: ScenarioPath): void {
    try {
      virtioBlkSettings(options);
    } catch (caught) {
      const reason = caught instanceof Error ? caught.message : String(caught);
      throw new ScenarioError([this.#scenario.source.problem(path, reason)], caught);
    }
  }

  async #factory({ device }: CustomDeviceData, path: ScenarioPath): Promise<() => CustomDevice> {
    if (typeof device !== 'string') return device;
    const at = [...path, 'device'];
    const { source } = this.#scenario;
    const namespace = await loadNamed(device, at, source, this.#host);
    const create = exportOf(namespace, 'createDevice');
    if (isFactory(create)) return create;
    const message = `'${device}' has no function createDevice(): ${describeExports(namespace)}`;
    throw new ScenarioError([source.problem(at, message)]);
  }
}

/** What it returns is only known when it is called. */
function isFactory(value: unknown): value is () => CustomDevice {
  return typeof value === 'function';
}
