import { formatPciSlot, parsePciSlot } from '@dxelab/pci-devices';
import { VIRTIO_MMIO_SLOTS } from '@dxelab/virtio-devices';
import { isOnMmio } from './qemu-machine-type.ts';
import type { DeviceData } from './scenario.ts';
import { ScenarioError } from './source/scenario-error.ts';
import type { ScenarioPath, ScenarioProblem } from './source/scenario-problem.ts';
import { pathText } from './source/scenario-problem.ts';
import type { ScenarioSource } from './source/scenario-source.ts';

/** A device with the slot that it gets. */
export interface PlacedDevice {
  readonly device: DeviceData;
  /** As `formatPciSlot` writes it; on MMIO `mmio 23`, and so on. */
  readonly slot: string;
  /** Where in the scenario the device's description stands. */
  readonly path: ScenarioPath;
  /** Behind a bridge. */
  readonly children: readonly PlacedDevice[];
}

const DEVICES_ON_A_BUS = 32;
/** Device 0 of the root bus is the host bridge, and 1 is where a PC has its display. */
const FIRST_FREE = 2;

/**
 * Gives every device of the machine its slot.
 * @throws ScenarioError for two devices in one slot, a bus that is full, a missing function 0
 */
export function placeDevices(
  devices: readonly DeviceData[],
  source: ScenarioSource,
): readonly PlacedDevice[] {
  const problems: ScenarioProblem[] = [];
  const report = (path: ScenarioPath, message: string): void => {
    problems.push(source.problem(path, message));
  };
  const taken = new Map([[formatPciSlot({ device: 0, function: 0 }), 'the host bridge']]);
  const placed = placeBus(devices, ['machine', 'devices'], taken, report);
  if (problems.length > 0) throw new ScenarioError(problems);
  return placed;
}

function placeBus(
  devices: readonly DeviceData[],
  busPath: ScenarioPath,
  taken: Map<string, string>,
  report: (path: ScenarioPath, message: string) => void,
  behindBridge = false,
): readonly PlacedDevice[] {
  const all = devices.map((device, index) => ({ device, path: [...busPath, index, device.kind] }));
  // As `VirtioMmioBus` does: from the last.
  let mmioSlot = behindBridge ? 0 : VIRTIO_MMIO_SLOTS;
  // Those that name their slot first: the others take what is left.
  for (const { device, path } of all) {
    if (device.slot === undefined) continue;
    const holder = taken.get(device.slot);
    if (holder === undefined) taken.set(device.slot, pathText(path));
    else report([...path, 'slot'], `slot ${device.slot} is taken by ${holder}`);
  }
  checkFunctions(all, taken, report);
  return all.map(({ device, path }) => {
    if (isOnMmio(device)) {
      const nowhere = behindBridge ? 'a bridge has no MMIO slots' : 'no MMIO slot is left';
      if (mmioSlot === 0) report([...path, 'transport'], nowhere);
      else mmioSlot--;
      return { device, slot: `mmio ${mmioSlot}`, path, children: [] };
    }
    const slot = device.slot ?? nextFree(taken);
    if (slot === undefined) report(path, 'no slot from 02.0 to 1f.0 is left on this bus');
    else taken.set(slot, taken.get(slot) ?? pathText(path));
    const children =
      device.kind === 'pci-bridge'
        ? placeBus(device.devices, [...path, 'devices'], new Map(), report, true)
        : [];
    return { device, slot: slot ?? '', path, children };
  });
}

/** Software looks for functions 1 to 7 only where there is a function 0 (PCI Local Bus 3.0 §3.2.2.3.4). */
function checkFunctions(
  all: readonly { readonly device: DeviceData; readonly path: ScenarioPath }[],
  taken: ReadonlyMap<string, string>,
  report: (path: ScenarioPath, message: string) => void,
): void {
  for (const { device, path } of all) {
    if (device.slot === undefined) continue;
    const first = formatPciSlot({ ...parsePciSlot(device.slot), function: 0 });
    if (taken.has(first)) continue;
    report([...path, 'slot'], `slot ${device.slot} needs a device in ${first}: nothing is there`);
  }
}

function nextFree(taken: ReadonlyMap<string, string>): string | undefined {
  for (let device = FIRST_FREE; device < DEVICES_ON_A_BUS; device++) {
    const slot = formatPciSlot({ device, function: 0 });
    if (!taken.has(slot)) return slot;
  }
  return undefined;
}
