import { viewOf } from '../bytes.ts';
import { EfiError } from '../status/efi-error.ts';
import type { Guid } from '../guid.ts';
import type { DevicePathNode } from './node.ts';
import {
  bytesField,
  char16Field,
  char8Field,
  guidField,
  isDevicePathNode,
  packNode,
  uint16,
  uint32,
  uint64,
  uint8,
} from './node.ts';
import {
  MESSAGING_DEVICE_PATH,
  MSG_1394_DP,
  MSG_ATAPI_DP,
  MSG_DEVICE_LOGICAL_UNIT_DP,
  MSG_EMMC_DP,
  MSG_FIBRECHANNELEX_DP,
  MSG_FIBRECHANNEL_DP,
  MSG_I2O_DP,
  MSG_MAC_ADDR_DP,
  MSG_NVDIMM_NAMESPACE_DP,
  MSG_NVME_NAMESPACE_DP,
  MSG_SASEX_DP,
  MSG_SATA_DP,
  MSG_SCSI_DP,
  MSG_SD_DP,
  MSG_UART_DP,
  MSG_UFS_DP,
  MSG_URI_DP,
  MSG_USB_CLASS_DP,
  MSG_USB_DP,
  MSG_USB_WWID_DP,
  MSG_VENDOR_DP,
  MSG_VLAN_DP,
} from './node-types.ts';

// Messaging nodes (UEFI §10.3.4); those of networks stand in ip-nodes.ts and network-nodes.ts. Every
// constructor throws EFI_INVALID_PARAMETER for a value too wide.

/** @param primarySecondary 0 primary, 1 secondary @param slaveMaster 0 master, 1 slave */
export function atapiNode(
  primarySecondary: number,
  slaveMaster: number,
  lun: number,
): DevicePathNode {
  return packNode(
    MESSAGING_DEVICE_PATH,
    MSG_ATAPI_DP,
    uint8(primarySecondary),
    uint8(slaveMaster),
    uint16(lun),
  );
}

export function scsiNode(pun: number, lun: number): DevicePathNode {
  return packNode(MESSAGING_DEVICE_PATH, MSG_SCSI_DP, uint16(pun), uint16(lun));
}

export function fibreChannelNode(wwn: number | bigint, lun: number | bigint): DevicePathNode {
  return packNode(MESSAGING_DEVICE_PATH, MSG_FIBRECHANNEL_DP, uint32(0), uint64(wwn), uint64(lun));
}

/** @param wwn of 8 bytes @param lun of 8 bytes, both as SCSI writes them: the first is the most significant */
export function fibreChannelExNode(wwn: Uint8Array, lun: Uint8Array): DevicePathNode {
  return packNode(
    MESSAGING_DEVICE_PATH,
    MSG_FIBRECHANNELEX_DP,
    uint32(0),
    bytesField(wwn, 8),
    bytesField(lun, 8),
  );
}

/** @param eui64 the 1394 global unique identifier of the device */
export function ieee1394Node(eui64: number | bigint): DevicePathNode {
  return packNode(MESSAGING_DEVICE_PATH, MSG_1394_DP, uint32(0), uint64(eui64));
}

export function usbNode(parentPortNumber: number, interfaceNumber: number): DevicePathNode {
  return packNode(
    MESSAGING_DEVICE_PATH,
    MSG_USB_DP,
    uint8(parentPortNumber),
    uint8(interfaceNumber),
  );
}

/** @param tid the target id of an I2O device */
export function i2oNode(tid: number): DevicePathNode {
  return packNode(MESSAGING_DEVICE_PATH, MSG_I2O_DP, uint32(tid));
}

export function vendorMessagingNode(
  vendor: Guid,
  data: Uint8Array = new Uint8Array(0),
): DevicePathNode {
  return packNode(MESSAGING_DEVICE_PATH, MSG_VENDOR_DP, guidField(vendor), data);
}

/**
 * @param address up to 32 bytes; zeros fill the rest
 * @param ifType the network interface type of RFC 3232; 1 is Ethernet
 */
export function macAddressNode(address: Uint8Array, ifType: number): DevicePathNode {
  const padded = new Uint8Array(32);
  if (address.length > padded.length) {
    throw new EfiError('EFI_INVALID_PARAMETER', `a MAC address of ${address.length} > 32 bytes`);
  }
  padded.set(address);
  return packNode(MESSAGING_DEVICE_PATH, MSG_MAC_ADDR_DP, padded, uint8(ifType));
}

/**
 * @param baudRate in bits per second; 0 is the default
 * @param parity 0 default, 1 none, 2 even, 3 odd, 4 mark, 5 space
 * @param stopBits 0 default, 1 one, 2 one and a half, 3 two
 */
export function uartNode(
  baudRate: number | bigint,
  dataBits: number,
  parity: number,
  stopBits: number,
): DevicePathNode {
  return packNode(
    MESSAGING_DEVICE_PATH,
    MSG_UART_DP,
    uint32(0),
    uint64(baudRate),
    uint8(dataBits),
    uint8(parity),
    uint8(stopBits),
  );
}

/** The fields of a USB class node (UEFI §10.3.4.9); 0xFFFF and 0xFF match anything. */
export interface UsbClass {
  readonly vendorId: number;
  readonly productId: number;
  readonly deviceClass: number;
  readonly deviceSubClass: number;
  readonly deviceProtocol: number;
}

/** Short form: any USB device of a class; 0xFFFF and 0xFF match anything. */
export function usbClassNode(
  vendorId: number,
  productId: number,
  deviceClass: number,
  deviceSubClass: number,
  deviceProtocol: number,
): DevicePathNode {
  return packNode(
    MESSAGING_DEVICE_PATH,
    MSG_USB_CLASS_DP,
    uint16(vendorId),
    uint16(productId),
    uint8(deviceClass),
    uint8(deviceSubClass),
    uint8(deviceProtocol),
  );
}

/** The fields of a USB class node; `undefined` if the node is none, or has not the length of one. */
export function readUsbClassNode(node: DevicePathNode): UsbClass | undefined {
  if (!isDevicePathNode(node, MESSAGING_DEVICE_PATH, MSG_USB_CLASS_DP)) return undefined;
  if (node.length !== 11) return undefined;
  const view = viewOf(node);
  return {
    vendorId: view.getUint16(4, true),
    productId: view.getUint16(6, true),
    deviceClass: view.getUint8(8),
    deviceSubClass: view.getUint8(9),
    deviceProtocol: view.getUint8(10),
  };
}

/** The fields of a USB WWID node (UEFI §10.3.4.7). */
export interface UsbWwid {
  readonly interfaceNumber: number;
  readonly vendorId: number;
  readonly productId: number;
  /** The last 64 characters of the serial number, or fewer. */
  readonly serialNumber: string;
}

/** Short form: a USB device by its serial number. */
export function usbWwidNode(
  interfaceNumber: number,
  vendorId: number,
  productId: number,
  serialNumber: string,
): DevicePathNode {
  return packNode(
    MESSAGING_DEVICE_PATH,
    MSG_USB_WWID_DP,
    uint16(interfaceNumber),
    uint16(vendorId),
    uint16(productId),
    char16Field(serialNumber),
  );
}

/** The fields of a USB WWID node, without a NUL behind the number; `undefined` if the node is none. */
export function readUsbWwidNode(node: DevicePathNode): UsbWwid | undefined {
  if (!isDevicePathNode(node, MESSAGING_DEVICE_PATH, MSG_USB_WWID_DP)) return undefined;
  if (node.length < 10) return undefined;
  const view = viewOf(node);
  const units = Array.from({ length: Math.floor((node.length - 10) / 2) }, (_, index) =>
    view.getUint16(10 + index * 2, true),
  );
  return {
    interfaceNumber: view.getUint16(4, true),
    vendorId: view.getUint16(6, true),
    productId: view.getUint16(8, true),
    serialNumber: String.fromCharCode(...units).replace(/\0$/, ''),
  };
}

export function logicalUnitNode(lun: number): DevicePathNode {
  return packNode(MESSAGING_DEVICE_PATH, MSG_DEVICE_LOGICAL_UNIT_DP, uint8(lun));
}

/** @param portMultiplierPort 0xFFFF if the device is connected directly */
export function sataNode(hbaPort: number, portMultiplierPort: number, lun: number): DevicePathNode {
  return packNode(
    MESSAGING_DEVICE_PATH,
    MSG_SATA_DP,
    uint16(hbaPort),
    uint16(portMultiplierPort),
    uint16(lun),
  );
}

export function vlanNode(vlanId: number): DevicePathNode {
  return packNode(MESSAGING_DEVICE_PATH, MSG_VLAN_DP, uint16(vlanId));
}

/** @param sasAddress of 8 bytes @param lun of 8 bytes */
export function sasExNode(
  sasAddress: Uint8Array,
  lun: Uint8Array,
  deviceTopology: number,
  relativeTargetPort: number,
): DevicePathNode {
  return packNode(
    MESSAGING_DEVICE_PATH,
    MSG_SASEX_DP,
    bytesField(sasAddress, 8),
    bytesField(lun, 8),
    uint16(deviceTopology),
    uint16(relativeTargetPort),
  );
}

/** @param eui64 the IEEE extended unique identifier, 0 if the namespace has none */
export function nvmeNamespaceNode(namespaceId: number, eui64: number | bigint): DevicePathNode {
  return packNode(MESSAGING_DEVICE_PATH, MSG_NVME_NAMESPACE_DP, uint32(namespaceId), uint64(eui64));
}

/** @param uri RFC 3986; an empty one means that the address is to be asked for */
export function uriNode(uri: string): DevicePathNode {
  return packNode(MESSAGING_DEVICE_PATH, MSG_URI_DP, char8Field(uri));
}

export function ufsNode(pun: number, lun: number): DevicePathNode {
  return packNode(MESSAGING_DEVICE_PATH, MSG_UFS_DP, uint8(pun), uint8(lun));
}

export function sdNode(slotNumber: number): DevicePathNode {
  return packNode(MESSAGING_DEVICE_PATH, MSG_SD_DP, uint8(slotNumber));
}

export function emmcNode(slotNumber: number): DevicePathNode {
  return packNode(MESSAGING_DEVICE_PATH, MSG_EMMC_DP, uint8(slotNumber));
}

/** @param uuid of the label of the namespace */
export function nvdimmNamespaceNode(uuid: Guid): DevicePathNode {
  return packNode(MESSAGING_DEVICE_PATH, MSG_NVDIMM_NAMESPACE_DP, guidField(uuid));
}
