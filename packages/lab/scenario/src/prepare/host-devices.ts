import type { EntropySource } from '@dxelab/virtio-devices';
import type { Host, OpenDisk } from '../host.ts';
import type { PlacedDevice } from '../placement.ts';
import type { CustomDevice } from '../scenario-input.ts';
import { ScenarioError } from '../source/scenario-error.ts';
import type { ScenarioSource } from '../source/scenario-source.ts';
import { loadNamed } from './load-modules.ts';
import { describeExports, exportOf } from './module-exports.ts';
import type { DeviceResources } from './prepare-devices.ts';

/** The files and modules of a host that one scenario's devices use. */
export class HostDevices implements DeviceResources {
  readonly #source: ScenarioSource;
  readonly #host: Host;
  /** By path, and whether it can be written: two devices over one image share it. */
  readonly #disks = new Map<string, OpenDisk>();
  readonly #factories = new Map<string, () => CustomDevice>();

  constructor(source: ScenarioSource, host: Host) {
    this.#source = source;
    this.#host = host;
  }

  /**
   * Loads the modules of custom devices.
   * @throws ScenarioError if one cannot be loaded, or exports no `createDevice`
   */
  async load(placed: readonly PlacedDevice[]): Promise<void> {
    // One after the other, so that of several problems always the same one is reported.
    for (const { device, path, children } of placed) {
      await this.load(children);
      if (device.kind !== 'custom' || typeof device.device !== 'string') continue;
      const [name, at] = [device.device, [...path, 'device']];
      const namespace = await loadNamed(name, at, this.#source, this.#host);
      const create = exportOf(namespace, 'createDevice');
      if (!isFactory(create)) {
        const message = `'${name}' has no function createDevice(): ${describeExports(namespace)}`;
        throw new ScenarioError([this.#source.problem(at, message)]);
      }
      this.#factories.set(name, create);
    }
  }

  openDisk(image: string, writable: boolean): OpenDisk {
    const path = this.#host.resolve(this.#source.file, image);
    const key = `${writable} ${path}`;
    const disk = this.#disks.get(key) ?? this.#host.openDisk(path, { writable });
    this.#disks.set(key, disk);
    return disk;
  }

  entropy(): EntropySource {
    if (this.#host.fillRandom === undefined) throw new TypeError('this host gives no entropy');
    return (target) => this.#host.fillRandom?.(target);
  }

  factory(module: string): () => CustomDevice {
    const create = this.#factories.get(module);
    if (create === undefined) throw new TypeError(`the module '${module}' was not loaded`);
    return create;
  }

  /** Closes every file. */
  close(): void {
    for (const disk of this.#disks.values()) disk.close();
    this.#disks.clear();
  }
}

/** What it returns is only known when it is called. */
function isFactory(value: unknown): value is () => CustomDevice {
  return typeof value === 'function';
}
