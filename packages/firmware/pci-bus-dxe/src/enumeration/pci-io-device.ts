import type { DevicePath, EfiHandle, EfiPciIo, EfiPciLocation } from '@dxelab/uefi';
import type { FunctionAttributes } from '../pci-io/function-attributes.ts';
import type { BridgeDecode } from './bridge-windows.ts';
import type { FunctionConfig } from './function-config.ts';
import type { BarTable } from './probe-bars.ts';

/** What a PCI-to-PCI bridge has besides what every function has. */
export interface BridgePart {
  readonly decode: BridgeDecode;
  /** What is behind it; a function that found no room is taken out. */
  children: PciIoDevice[];
}

/** A child as it stands in the handle database. */
export interface Registration {
  readonly handle: EfiHandle;
  readonly pciIo: EfiPciIo;
}

/** A function in the tree of what was found (PciBus.h: PCI_IO_DEVICE). */
export interface PciIoDevice {
  readonly config: FunctionConfig;
  readonly devicePath: DevicePath;
  readonly attributes: FunctionAttributes;
  readonly bars: BarTable;
  /** Whether it has 4096 bytes of configuration space. */
  readonly express: boolean;
  readonly bridge: BridgePart | undefined;
  /** While it has a handle. */
  registration: Registration | undefined;
}

/** A function as people write it: `00:02.0`. */
export function locationText({ bus, device, function: func }: EfiPciLocation): string {
  return `${twoDigits(bus)}:${twoDigits(device)}.${func}`;
}

function twoDigits(value: number): string {
  return value.toString(16).padStart(2, '0');
}

/** All functions of a tree, each bridge before what is behind it. */
export function* everyDevice(devices: readonly PciIoDevice[]): Generator<PciIoDevice> {
  for (const device of devices) {
    yield device;
    if (device.bridge !== undefined) yield* everyDevice(device.bridge.children);
  }
}
