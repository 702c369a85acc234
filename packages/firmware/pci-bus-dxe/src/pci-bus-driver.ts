import type {
  DevicePath,
  EdkiiIoMmu,
  EfiHandle,
  EfiStatus,
  EfiPciHostBridgeResourceAllocation,
  Protocol,
} from '@dxelab/uefi';
import {
  DevicePathProtocol,
  EdkiiIoMmuProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  HARDWARE_DEVICE_PATH,
  HW_PCI_DP,
  PciEnumerationCompleteProtocol,
  PciHostBridgeResourceAllocationProtocol,
  PciRootBridgeIoProtocol,
  isDevicePathEnd,
  isDevicePathNode,
  isEfiError,
  isEfiFailure,
} from '@dxelab/uefi';
import type { DriverBindingBody } from '@dxelab/uefi-lib';
import {
  DEBUG_ERROR,
  openParent,
  stopChildren,
  tryLocateProtocol,
  unwinding,
} from '@dxelab/uefi-lib';
import type { PciRootBridge } from './enumerate-host-bridge.ts';
import { enumerateHostBridge, reenumerateRootBridge } from './enumerate-host-bridge.ts';
import { everyDevice, locationText } from './enumeration/pci-io-device.ts';
import type { BusContext } from './enumeration/scan-function.ts';
import type { BusAgent } from './register-device.ts';
import { deregisterDevice, registerDevice } from './register-device.ts';

const PCI_NODE_LENGTH = 6;

/** What the driver opens on a root bridge. */
const OPENED: readonly Protocol<unknown>[] = [PciRootBridgeIoProtocol, DevicePathProtocol];

/** EFI_DRIVER_BINDING_PROTOCOL of the PCI bus driver (UEFI §14.3). PciBus.c. */
export class PciBusDriver implements DriverBindingBody {
  readonly version = 0xa;
  readonly #context: BusContext;
  readonly #driverBindingHandle: EfiHandle;
  /** What stands between functions and memory, looked for at each Start. */
  #ioMmu: EdkiiIoMmu | undefined;
  /** Host bridges whose buses have numbers and addresses, which must not change any more. */
  readonly #enumerated = new Set<EfiHandle>();
  /** What is behind each root bridge, until the driver is stopped there. */
  readonly #rootBridges = new Map<EfiHandle, PciRootBridge>();

  constructor(context: BusContext, driverBindingHandle: EfiHandle) {
    this.#context = context;
    this.#driverBindingHandle = driverBindingHandle;
  }

  supported(controller: EfiHandle, remainingDevicePath?: DevicePath): EfiStatus {
    if (remainingDevicePath !== undefined && !isEndOrPci(remainingDevicePath)) {
      return 'EFI_UNSUPPORTED';
    }
    for (const protocol of OPENED) {
      const status = this.#tryOpen(controller, protocol);
      // A bus driver that manages the controller already can still add children.
      if (status === 'EFI_ALREADY_STARTED') return 'EFI_SUCCESS';
      if (isEfiError(status)) return status;
      this.#close(controller, protocol);
    }
    return 'EFI_SUCCESS';
  }

  start(controller: EfiHandle, remainingDevicePath?: DevicePath): void {
    // Nobody wants a child.
    if (remainingDevicePath !== undefined && isDevicePathEnd(remainingDevicePath)) return;
    this.#ioMmu ??= tryLocateProtocol(this.#context.bs, EdkiiIoMmuProtocol);
    unwinding((unwind) => {
      const parent = { agent: this.#driverBindingHandle, controller };
      for (const protocol of OPENED) openParent(this.#context.bs, parent, protocol, unwind);
      this.#registerAll(controller, this.#rootBridge(controller));
    });
  }

  stop(controller: EfiHandle, children: readonly EfiHandle[]): void {
    if (children.length > 0) {
      this.#stopChildren(controller, children);
      return;
    }
    for (const protocol of OPENED) this.#close(controller, protocol);
    this.#rootBridges.delete(controller);
  }

  /** What is behind a root bridge: known, or to be found out once for its whole host bridge. */
  #rootBridge(controller: EfiHandle): PciRootBridge {
    const known = this.#rootBridges.get(controller);
    if (known !== undefined) return known;
    const { bs } = this.#context;
    const { parentHandle } = bs.handleProtocol(controller, PciRootBridgeIoProtocol);
    const hostBridge = bs.handleProtocol(parentHandle, PciHostBridgeResourceAllocationProtocol);
    if (!this.#enumerated.has(parentHandle)) this.#enumerate(parentHandle, hostBridge);
    const found =
      this.#rootBridges.get(controller) ??
      reenumerateRootBridge(this.#context, hostBridge, controller);
    this.#rootBridges.set(controller, found);
    return found;
  }

  #enumerate(parentHandle: EfiHandle, hostBridge: EfiPciHostBridgeResourceAllocation): void {
    for (const rootBridge of enumerateHostBridge(this.#context, hostBridge)) {
      this.#rootBridges.set(rootBridge.handle, rootBridge);
    }
    this.#enumerated.add(parentHandle);
    this.#context.bs.installProtocolInterface(parentHandle, PciEnumerationCompleteProtocol, null);
  }

  /** One function that cannot be registered does not cost the others theirs. */
  #registerAll(controller: EfiHandle, { children }: PciRootBridge): void {
    const { debug } = this.#context;
    for (const device of everyDevice(children)) {
      if (device.registration !== undefined) continue;
      try {
        registerDevice(this.#context, this.#agent(controller), device);
      } catch (caught) {
        if (!isEfiFailure(caught)) throw caught;
        const where = locationText(device.config.location);
        debug.debug(DEBUG_ERROR, `PCI ${where} gets no handle: ${caught.message}`);
      }
    }
  }

  #stopChildren(controller: EfiHandle, children: readonly EfiHandle[]): void {
    const wanted = new Set(children);
    const devices = [...everyDevice(this.#rootBridges.get(controller)?.children ?? [])];
    stopChildren(devices, 'PCI functions', (device) => {
      const handle = device.registration?.handle;
      if (handle === undefined || !wanted.has(handle)) return;
      deregisterDevice(this.#context, this.#agent(controller), device);
    });
  }

  #agent(controller: EfiHandle): BusAgent {
    return { driverBindingHandle: this.#driverBindingHandle, controller, ioMmu: this.#ioMmu };
  }

  #tryOpen(controller: EfiHandle, protocol: Protocol<unknown>): EfiStatus {
    const { bs } = this.#context;
    const agent = this.#driverBindingHandle;
    return bs.tryOpenProtocol(controller, protocol, agent, controller, EFI_OPEN_PROTOCOL_BY_DRIVER)
      .status;
  }

  #close(controller: EfiHandle, protocol: Protocol<unknown>): void {
    const agent = this.#driverBindingHandle;
    this.#context.bs.closeProtocol(controller, protocol, agent, controller);
  }
}

function isEndOrPci(path: DevicePath): boolean {
  if (isDevicePathEnd(path)) return true;
  const length = (path[2] ?? 0) | ((path[3] ?? 0) << 8);
  return isDevicePathNode(path, HARDWARE_DEVICE_PATH, HW_PCI_DP) && length === PCI_NODE_LENGTH;
}
