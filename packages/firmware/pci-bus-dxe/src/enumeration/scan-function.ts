import {
  HEADER_TYPE_PCI_TO_PCI_BRIDGE,
  PCI_COMMAND_BUS_MASTER,
  PCI_COMMAND_FAST_BACK_TO_BACK,
  PCI_COMMAND_IO_SPACE,
  PCI_COMMAND_MEMORY_SPACE,
  PCI_COMMAND_MEMORY_WRITE_AND_INVALIDATE,
  PCI_COMMAND_OFFSET,
  PCI_COMMAND_VGA_PALETTE_SNOOP,
  PCI_MAX_BAR,
  isPciExpress,
} from '@dxelab/pci';
import type { DevicePath, EfiBootServices } from '@dxelab/uefi';
import { appendDevicePathNode, isEfiFailure, pciNode } from '@dxelab/uefi';
import type { DebugLib, Quirks } from '@dxelab/uefi-lib';
import { DEBUG_WARN } from '@dxelab/uefi-lib';
import { FunctionAttributes } from '../pci-io/function-attributes.ts';
import type { Upstream } from '../pci-io/upstream.ts';
import { closeBridgeWindows, probeBridgeDecode } from './bridge-windows.ts';
import type { FunctionConfig } from './function-config.ts';
import type { PciIoDevice } from './pci-io-device.ts';
import { locationText } from './pci-io-device.ts';
import type { BarTable } from './probe-bars.ts';
import { probeBars, readBases } from './probe-bars.ts';

/** What the bus driver has from its entry point. */
export interface BusContext {
  readonly bs: EfiBootServices;
  readonly debug: DebugLib;
  readonly quirks: Quirks;
}

/** Where a function stands. */
export interface Place {
  readonly upstream: Upstream;
  /** Of the bridge above it. */
  readonly devicePath: DevicePath;
}

/** How many base address registers each layout of the header has; CardBus bridges are the third. */
const BARS_BY_LAYOUT: readonly number[] = [PCI_MAX_BAR, 2, 1];
const DECODE = PCI_COMMAND_IO_SPACE | PCI_COMMAND_MEMORY_SPACE;
/** EFI_PCI_COMMAND_BITS_OWNED: what full enumeration clears, whoever set it. */
const OWNED =
  DECODE |
  PCI_COMMAND_BUS_MASTER |
  PCI_COMMAND_MEMORY_WRITE_AND_INVALIDATE |
  PCI_COMMAND_VGA_PALETTE_SNOOP |
  PCI_COMMAND_FAST_BACK_TO_BACK;

/**
 * Takes a function out of use and finds out what it has and needs, leaving its ranges to be assigned.
 * PciEnumeratorSupport.c: GatherDeviceInfo, GatherPpbInfo, DetermineDeviceAttribute.
 * @param layout of its header: 0, or 1 for a PCI-to-PCI bridge
 */
export function gatherFunction(
  context: BusContext,
  config: FunctionConfig,
  layout: number,
  place: Place,
): PciIoDevice {
  config.write(1, PCI_COMMAND_OFFSET, config.read(1, PCI_COMMAND_OFFSET) & ~OWNED);
  const device = describe(context, config, layout, place, () => barsOf(context, config, layout));
  if (device.bridge !== undefined) closeBridgeWindows(config, device.bridge.decode);
  if (!device.express) {
    const command = config.read(1, PCI_COMMAND_OFFSET);
    config.write(1, PCI_COMMAND_OFFSET, command | PCI_COMMAND_MEMORY_WRITE_AND_INVALIDATE);
  }
  return device;
}

/** Finds out the same of a function that an earlier enumeration has set up, and leaves it so. */
export function rereadFunction(
  context: BusContext,
  config: FunctionConfig,
  layout: number,
  place: Place,
): PciIoDevice {
  return describe(context, config, layout, place, () => {
    const command = config.read(1, PCI_COMMAND_OFFSET);
    config.write(1, PCI_COMMAND_OFFSET, command & ~DECODE);
    const bars = barsOf(context, config, layout);
    config.write(1, PCI_COMMAND_OFFSET, command);
    readBases(config, bars);
    return bars;
  });
}

function describe(
  context: BusContext,
  config: FunctionConfig,
  layout: number,
  { upstream, devicePath }: Place,
  bars: () => BarTable,
): PciIoDevice {
  const { bs, quirks } = context;
  const { device, function: func } = config.location;
  const isBridge = layout === HEADER_TYPE_PCI_TO_PCI_BRIDGE;
  // Attributes before BARs: what is enabled now must be read before probing switches it off.
  return {
    config,
    devicePath: appendDevicePathNode(devicePath, pciNode(device, func)),
    attributes: new FunctionAttributes(bs, config, isBridge, upstream, quirks),
    bars: bars(),
    express: isExpress(context, config),
    bridge: isBridge ? { decode: probeBridgeDecode(bs, config), children: [] } : undefined,
    registration: undefined,
  };
}

function barsOf({ bs, quirks }: BusContext, config: FunctionConfig, layout: number): BarTable {
  return probeBars(bs, config, BARS_BY_LAYOUT[layout] ?? 0, quirks.has('PciBusDxe.BarOrdinal'));
}

/** A function whose capability list is broken still works as a conventional one. */
function isExpress({ debug }: BusContext, config: FunctionConfig): boolean {
  try {
    return isPciExpress((width, offset) => config.read(width, offset));
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    debug.debug(DEBUG_WARN, `PCI ${locationText(config.location)}: ${caught.message}`);
    return false;
  }
}
