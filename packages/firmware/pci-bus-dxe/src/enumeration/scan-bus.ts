import {
  HEADER_LAYOUT_CODE,
  HEADER_TYPE_MULTI_FUNCTION,
  HEADER_TYPE_PCI_TO_PCI_BRIDGE,
  PCI_BRIDGE_PRIMARY_BUS_REGISTER_OFFSET,
  PCI_BRIDGE_SECONDARY_BUS_REGISTER_OFFSET,
  PCI_BRIDGE_SUBORDINATE_BUS_REGISTER_OFFSET,
  PCI_HEADER_TYPE_OFFSET,
  PCI_NO_VENDOR,
  PCI_VENDOR_ID_OFFSET,
} from '@dxelab/pci';
import type { EfiPciRootBridgeIo } from '@dxelab/uefi';
import { DEBUG_ERROR } from '@dxelab/uefi-lib';
import { FunctionConfig } from './function-config.ts';
import type { PciIoDevice } from './pci-io-device.ts';
import { locationText } from './pci-io-device.ts';
import type { BusContext, Place } from './scan-function.ts';
import { gatherFunction, rereadFunction } from './scan-function.ts';

const DEVICES = 32;
const FUNCTIONS = 8;

/** A function that answers, and what its header says. */
interface FoundFunction {
  readonly config: FunctionConfig;
  /** Of its header: 0, or 1 for a PCI-to-PCI bridge. */
  readonly layout: number;
}

/** Bus numbers that are given out in the order in which bridges are found. */
export interface BusNumbers {
  /** The last one given. */
  used: number;
  readonly lastBus: number;
}

/**
 * Finds everything on a bus and behind its bridges, and gives each bus a number.
 * PciLib.c: PciScanBus.
 */
export function scanBus(
  context: BusContext,
  rootBridgeIo: EfiPciRootBridgeIo,
  bus: number,
  place: Place,
  numbers: BusNumbers,
): PciIoDevice[] {
  const found = functionsOn(rootBridgeIo, bus);
  // Numbers from before would let one bridge answer for the buses that another is just given.
  for (const { config, layout } of found) {
    if (layout === HEADER_TYPE_PCI_TO_PCI_BRIDGE) setBusNumbers(config, 0, 0, 0);
  }
  return found.map(({ config, layout }) => {
    const device = gatherFunction(context, config, layout, place);
    if (device.bridge === undefined) return device;
    if (numbers.used >= numbers.lastBus) {
      const bridge = locationText(config.location);
      context.debug.debug(
        DEBUG_ERROR,
        `PCI ${bridge}: no bus number is left, so what is behind this bridge stays unreachable`,
      );
      return device;
    }
    const secondary = ++numbers.used;
    // While the buses behind it are counted, everything not yet given out is behind this bridge.
    setBusNumbers(config, bus, secondary, numbers.lastBus);
    const below = { upstream: device.attributes, devicePath: device.devicePath };
    device.bridge.children = scanBus(context, rootBridgeIo, secondary, below, numbers);
    setBusNumbers(config, bus, secondary, numbers.used);
    return device;
  });
}

/** Finds again what is on a bus that has been set up, and behind its bridges. */
export function rescanBus(
  context: BusContext,
  rootBridgeIo: EfiPciRootBridgeIo,
  bus: number,
  place: Place,
): PciIoDevice[] {
  return functionsOn(rootBridgeIo, bus).map(({ config, layout }) => {
    const device = rereadFunction(context, config, layout, place);
    if (device.bridge === undefined) return device;
    const secondary = config.read(0, PCI_BRIDGE_SECONDARY_BUS_REGISTER_OFFSET);
    // A bridge that got no number, or one that makes no sense, leads nowhere.
    if (secondary <= bus) return device;
    const below = { upstream: device.attributes, devicePath: device.devicePath };
    device.bridge.children = rescanBus(context, rootBridgeIo, secondary, below);
    return device;
  });
}

/** A device without a function 0 is not there; without the multi-function bit it has no other. */
function functionsOn(rootBridgeIo: EfiPciRootBridgeIo, bus: number): FoundFunction[] {
  const found: FoundFunction[] = [];
  for (let device = 0; device < DEVICES; device++) {
    for (let func = 0; func < FUNCTIONS; func++) {
      const config = new FunctionConfig(rootBridgeIo, bus, device, func);
      if (config.read(1, PCI_VENDOR_ID_OFFSET) === PCI_NO_VENDOR) {
        if (func === 0) break;
        continue;
      }
      const headerType = config.read(0, PCI_HEADER_TYPE_OFFSET);
      found.push({ config, layout: headerType & HEADER_LAYOUT_CODE });
      if (func === 0 && (headerType & HEADER_TYPE_MULTI_FUNCTION) === 0) break;
    }
  }
  return found;
}

function setBusNumbers(
  config: FunctionConfig,
  primary: number,
  secondary: number,
  subordinate: number,
): void {
  config.write(0, PCI_BRIDGE_PRIMARY_BUS_REGISTER_OFFSET, primary);
  config.write(0, PCI_BRIDGE_SECONDARY_BUS_REGISTER_OFFSET, secondary);
  config.write(0, PCI_BRIDGE_SUBORDINATE_BUS_REGISTER_OFFSET, subordinate);
}
