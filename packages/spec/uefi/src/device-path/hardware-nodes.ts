import type { Guid } from '../guid.ts';
import type { DevicePathNode } from './node.ts';
import { guidField, packNode, uint32, uint64, uint8 } from './node.ts';
import {
  HARDWARE_DEVICE_PATH,
  HW_BMC_DP,
  HW_CONTROLLER_DP,
  HW_MEMMAP_DP,
  HW_PCCARD_DP,
  HW_PCI_DP,
  HW_VENDOR_DP,
} from './node-types.ts';

// Hardware nodes (UEFI §10.3.2). Every constructor throws EFI_INVALID_PARAMETER for a value too wide.

/** A PCI function below its bus. In the node the function comes first, in the text the device. */
export function pciNode(device: number, pciFunction: number): DevicePathNode {
  return packNode(HARDWARE_DEVICE_PATH, HW_PCI_DP, uint8(pciFunction), uint8(device));
}

/** A PC card, by its function number. */
export function pccardNode(pccardFunction: number): DevicePathNode {
  return packNode(HARDWARE_DEVICE_PATH, HW_PCCARD_DP, uint8(pccardFunction));
}

/** @param memoryType the number of an EFI_MEMORY_TYPE */
export function memoryMappedNode(
  memoryType: number,
  startingAddress: number | bigint,
  endingAddress: number | bigint,
): DevicePathNode {
  return packNode(
    HARDWARE_DEVICE_PATH,
    HW_MEMMAP_DP,
    uint32(memoryType),
    uint64(startingAddress),
    uint64(endingAddress),
  );
}

/** A vendor's hardware: VIRTIO_DEVICE_PROTOCOL on MMIO is such a node. */
export function vendorHardwareNode(
  vendor: Guid,
  data: Uint8Array = new Uint8Array(0),
): DevicePathNode {
  return packNode(HARDWARE_DEVICE_PATH, HW_VENDOR_DP, guidField(vendor), data);
}

/** A controller, by its number. */
export function controllerNode(controllerNumber: number): DevicePathNode {
  return packNode(HARDWARE_DEVICE_PATH, HW_CONTROLLER_DP, uint32(controllerNumber));
}

/** @param interfaceType 0 unknown, 1 KCS, 2 SMIC, 3 BT */
export function bmcNode(interfaceType: number, baseAddress: number | bigint): DevicePathNode {
  return packNode(HARDWARE_DEVICE_PATH, HW_BMC_DP, uint8(interfaceType), uint64(baseAddress));
}
