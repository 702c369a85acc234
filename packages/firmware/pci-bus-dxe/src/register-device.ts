import { PCI_INT_LINE_OFFSET } from '@dxelab/pci';
import type { EdkiiIoMmu, EfiHandle } from '@dxelab/uefi';
import {
  DevicePathProtocol,
  EFI_PCI_DEVICE_ENABLE,
  PciIoProtocol,
  PciRootBridgeIoProtocol,
  protocolInterface,
} from '@dxelab/uefi';
import type { BusParent } from '@dxelab/uefi-lib';
import { installChild, removeChild } from '@dxelab/uefi-lib';
import type { PciIoDevice } from './enumeration/pci-io-device.ts';
import { everyDevice } from './enumeration/pci-io-device.ts';
import type { BusContext } from './enumeration/scan-function.ts';
import { PciIo } from './pci-io/pci-io.ts';

/** No interrupt controller is set up: a driver that looks finds no line. */
const NO_INTERRUPT_LINE = 0xff;

/** Who opens the root bridge for the children, and which it is. */
export interface BusAgent {
  readonly driverBindingHandle: EfiHandle;
  /** The root bridge's handle: the parent of all functions, also of those behind bridges. */
  readonly controller: EfiHandle;
  readonly ioMmu: EdkiiIoMmu | undefined;
}

/**
 * Gives a function its handle. PciDeviceSupport.c: RegisterPciDevice.
 * @throws what the protocol services throw, having undone what was done
 */
export function registerDevice(context: BusContext, agent: BusAgent, device: PciIoDevice): void {
  const { bs, quirks } = context;
  device.config.write(0, PCI_INT_LINE_OFFSET, NO_INTERRUPT_LINE);
  const pciIo = new PciIo(device, quirks, agent.ioMmu);
  const interfaces = [
    protocolInterface(DevicePathProtocol, device.devicePath),
    protocolInterface(PciIoProtocol, pciIo),
  ];
  const handle = installChild(bs, parentOf(agent), interfaces);
  device.registration = { handle, pciIo };
  // What is behind a bridge can be reached, and be bus master, only if the bridge lets it.
  if (device.bridge !== undefined) {
    device.attributes.enable(device.attributes.supports & EFI_PCI_DEVICE_ENABLE);
  }
}

/**
 * Takes a function's handle away, and before that those of what is behind it. PciDeviceSupport.c:
 * DeRegisterPciDevice.
 * @throws EFI_INVALID_PARAMETER if someone does not let go of it; then it stays
 */
export function deregisterDevice(context: BusContext, agent: BusAgent, device: PciIoDevice): void {
  const { registration } = device;
  if (registration === undefined) return;
  for (const behind of [...everyDevice(device.bridge?.children ?? [])].toReversed()) {
    deregisterDevice(context, agent, behind);
  }
  removeChild(context.bs, parentOf(agent), registration.handle, [
    protocolInterface(DevicePathProtocol, device.devicePath),
    protocolInterface(PciIoProtocol, registration.pciIo),
  ]);
  device.registration = undefined;
}

function parentOf({ driverBindingHandle, controller }: BusAgent): BusParent {
  return { agent: driverBindingHandle, controller, protocol: PciRootBridgeIoProtocol };
}
