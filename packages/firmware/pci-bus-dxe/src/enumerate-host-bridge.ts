import type {
  DevicePath,
  EfiHandle,
  EfiPciHostBridgeResourceAllocation,
  EfiPciRootBridgeIo,
} from '@dxelab/uefi';
import { DevicePathProtocol, PciRootBridgeIoProtocol } from '@dxelab/uefi';
import { DEBUG_INFO, DEBUG_WARN } from '@dxelab/uefi-lib';
import type { PciIoDevice } from './enumeration/pci-io-device.ts';
import { everyDevice, locationText } from './enumeration/pci-io-device.ts';
import { rescanBus, scanBus } from './enumeration/scan-bus.ts';
import type { BusContext } from './enumeration/scan-function.ts';
import { RootUpstream } from './pci-io/upstream.ts';
import { allocateResources } from './resources/allocate-resources.ts';

/** A root bridge with the tree of functions behind it. */
export interface PciRootBridge {
  readonly handle: EfiHandle;
  /** What is directly on its bus; a function that finds no room is taken out. */
  children: PciIoDevice[];
}

/** What enumeration needs of a root bridge. */
interface RootBridgeSource {
  readonly handle: EfiHandle;
  readonly rootBridgeIo: EfiPciRootBridgeIo;
  readonly devicePath: DevicePath;
}

/**
 * Enumerates all root bridges of a host bridge: bus numbers, what is there and what it needs, and
 * where it gets it. PciEnumerator.c: PciHostBridgeEnumerator.
 */
export function enumerateHostBridge(
  context: BusContext,
  hostBridge: EfiPciHostBridgeResourceAllocation,
): readonly PciRootBridge[] {
  hostBridge.notifyPhase('EfiPciHostBridgeBeginEnumeration');
  const rootBridges = rootBridgesOf(context, hostBridge).map((source): PciRootBridge => {
    const { firstBus, lastBus } = hostBridge.startBusEnumeration(source.handle);
    const numbers = { used: firstBus, lastBus };
    const place = {
      upstream: new RootUpstream(source.rootBridgeIo),
      devicePath: source.devicePath,
    };
    const children = scanBus(context, source.rootBridgeIo, firstBus, place, numbers);
    hostBridge.setBusNumbers(source.handle, firstBus, numbers.used - firstBus + 1);
    return { handle: source.handle, children };
  });
  allocateResources(hostBridge, rootBridges, context.debug);
  hostBridge.notifyPhase('EfiPciHostBridgeEndEnumeration');
  for (const { children } of rootBridges) describeTree(context, children);
  return rootBridges;
}

/**
 * Finds the tree of a root bridge again as an earlier enumeration has left it: nothing gets another
 * number or address. PciEnumeratorSupport.c: PciEnumeratorLight.
 */
export function reenumerateRootBridge(
  context: BusContext,
  hostBridge: EfiPciHostBridgeResourceAllocation,
  handle: EfiHandle,
): PciRootBridge {
  const { rootBridgeIo, devicePath } = sourceOf(context, handle);
  const { firstBus } = hostBridge.startBusEnumeration(handle);
  const place = { upstream: new RootUpstream(rootBridgeIo), devicePath };
  const children = rescanBus(context, rootBridgeIo, firstBus, place);
  return { handle, children: withAddresses(context, rootBridgeIo, children) };
}

function rootBridgesOf(
  context: BusContext,
  hostBridge: EfiPciHostBridgeResourceAllocation,
): readonly RootBridgeSource[] {
  const sources: RootBridgeSource[] = [];
  let handle = hostBridge.getNextRootBridge(undefined);
  while (handle !== undefined) {
    sources.push(sourceOf(context, handle));
    handle = hostBridge.getNextRootBridge(handle);
  }
  return sources;
}

function sourceOf({ bs }: BusContext, handle: EfiHandle): RootBridgeSource {
  return {
    handle,
    rootBridgeIo: bs.handleProtocol(handle, PciRootBridgeIoProtocol),
    devicePath: bs.handleProtocol(handle, DevicePathProtocol),
  };
}

/** Without those that the earlier enumeration had no room for: their BARs lie outside all windows. */
function withAddresses(
  context: BusContext,
  rootBridgeIo: EfiPciRootBridgeIo,
  devices: readonly PciIoDevice[],
): PciIoDevice[] {
  const windows = rootBridgeIo.configuration();
  return devices.filter((device) => {
    const placed = device.bars.every((bar) => {
      if (bar?.base === undefined) return true;
      const { base, length } = bar;
      const type = bar.type === 'io' ? 'io' : 'memory';
      return windows.some(
        (window) =>
          window.type === type &&
          base >= window.base &&
          base + length <= window.base + window.length,
      );
    });
    if (!placed) {
      const where = locationText(device.config.location);
      context.debug.debug(DEBUG_WARN, `PCI ${where} is left out: its BARs have no addresses`);
    } else if (device.bridge !== undefined) {
      device.bridge.children = withAddresses(context, rootBridgeIo, device.bridge.children);
    }
    return placed;
  });
}

function describeTree({ debug }: BusContext, children: readonly PciIoDevice[]): void {
  for (const { config, bars, bridge } of everyDevice(children)) {
    const ranges = bars.flatMap((bar, index) =>
      bar?.base === undefined
        ? []
        : [`BAR${index} ${bar.type} 0x${bar.base.toString(16)}+0x${bar.length.toString(16)}`],
    );
    const what = bridge === undefined ? 'function' : 'bridge';
    debug.debug(
      DEBUG_INFO,
      [`PCI ${locationText(config.location)}: ${what}`, ...ranges].join(', '),
    );
  }
}
