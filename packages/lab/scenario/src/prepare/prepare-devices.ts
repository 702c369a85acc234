import { virtioBlkSettings } from '@dxelab/virtio-devices';
import type { EntropySource } from '@dxelab/virtio-devices';
import type { OpenDisk } from '../host.ts';
import type { PlacedDevice } from '../placement.ts';
import type { ScsiUnitData } from '../scenario.ts';
import type { CustomDevice } from '../scenario-input.ts';
import { ScenarioError } from '../source/scenario-error.ts';
import type { ScenarioPath } from '../source/scenario-problem.ts';
import type { ScenarioSource } from '../source/scenario-source.ts';
import {
  preparedBridge,
  preparedCustom,
  preparedVirtioBlk,
  preparedVirtioRng,
} from './prepared-device.ts';
import type { PreparedDevice } from './prepared-device.ts';
import { backendFor, openImage } from './prepared-disk.ts';
import { buildUnit, preparedVirtioScsi } from './prepared-virtio-scsi.ts';
import type { OpenScsiUnit } from './qemu-scsi.ts';

/** What devices need from outside of the scenario. */
export interface DeviceResources {
  /** Opens an image by its path in the scenario. Its message is shown there if it throws. */
  openDisk(image: string, writable: boolean): OpenDisk;
  /** The host's own entropy. Its message is shown where it was asked for if it throws. */
  entropy(): EntropySource;
  /** What makes the device of a module, by the module's path in the scenario. */
  factory(module: string): () => CustomDevice;
}

/** Makes the devices of a scenario ready to be built. @throws ScenarioError for what cannot be */
export function prepareDevices(
  placed: readonly PlacedDevice[],
  source: ScenarioSource,
  resources: DeviceResources,
): readonly PreparedDevice[] {
  return placed.map(({ device, slot, path, children }) => {
    const name = `${device.kind} ${slot}`;
    if (device.kind === 'pci-bridge') {
      return preparedBridge(slot, name, prepareDevices(children, source, resources));
    }
    if (device.kind === 'custom') {
      const { device: given } = device;
      const create =
        typeof given === 'string'
          ? saying([...path, 'device'], source, () => resources.factory(given))
          : given;
      return preparedCustom({ ...device, slot }, create);
    }
    if (device.kind === 'virtio-rng') {
      const { entropy } = device;
      const fromHost =
        entropy === 'host'
          ? saying([...path, 'entropy'], source, () => resources.entropy())
          : undefined;
      return preparedVirtioRng({ ...device, slot }, name, device, fromHost);
    }
    if (device.kind === 'virtio-scsi') {
      const units = device.units.map((unit, index) => {
        const place = [...path, 'units', index, unit.type];
        const opened = saying([...place, 'image'], source, () => openUnit(unit, resources));
        // What only shows when both come together: a medium of half a block.
        saying(place, source, () => buildUnit(name, opened));
        return opened;
      });
      return preparedVirtioScsi({ ...device, slot }, name, units, device.options);
    }
    return saying(path, source, () => {
      const { image, writable, topology } = device;
      const disk = saying([...path, 'image'], source, () => openImage(image, writable, resources));
      const options = { ...device.options, ...(topology === undefined ? {} : { topology }) };
      // What only shows when both come together: a size that is no whole number of blocks.
      virtioBlkSettings({ ...options, backend: backendFor(disk) });
      return preparedVirtioBlk({ ...device, slot }, name, disk, options);
    });
  });
}

function openUnit(unit: ScsiUnitData, resources: DeviceResources): OpenScsiUnit {
  if (unit.image === undefined) return { unit, disk: undefined };
  const writable = unit.type === 'disk' && unit.writable;
  return { unit, disk: openImage(unit.image, writable, resources) };
}

/** Shows what is thrown at its place in the scenario. */
function saying<Result>(path: ScenarioPath, source: ScenarioSource, body: () => Result): Result {
  try {
    return body();
  } catch (caught) {
    if (caught instanceof ScenarioError) throw caught;
    const reason = caught instanceof Error ? caught.message : String(caught);
    throw new ScenarioError([source.problem(path, reason)], caught);
  }
}
