import type { DevicePath, DevicePathNode, EfiBootServices, EfiHandle } from '@dxelab/uefi';
import {
  ACPI_DEVICE_PATH,
  BlockIoProtocol,
  devicePathNodes,
  devicePathSubType,
  devicePathType,
  DiskInfoProtocol,
  EFI_DISK_INFO_SCSI_INTERFACE_GUID,
  HARDWARE_DEVICE_PATH,
  HW_CONTROLLER_DP,
  isDevicePathNode,
  isEfiFailure,
  LoadFileProtocol,
  MESSAGING_DEVICE_PATH,
  MSG_ATAPI_DP,
  MSG_DEVICE_LOGICAL_UNIT_DP,
  MSG_SATA_DP,
  MSG_SCSI_DP,
  MSG_USB_DP,
  readFilePathNode,
  SimpleFileSystemProtocol,
  UsbIoProtocol,
} from '@dxelab/uefi';
import { opened } from '../opened.ts';
import { readString } from '../short-form/expand-usb.ts';
import { networkDescription } from './network-description.ts';

/** Of INQUIRY data (SPC-4 §6.4.2): where vendor and product stand, as ASCII that is filled up with blanks. */
const VENDOR = { begin: 8, end: 16 };
const PRODUCT = { begin: 16, end: 32 };
const FLOPPY_HID = 0x0604;
/** The LANGID that EDK II asks for. */
const ENGLISH = 0x0409;

/**
 * What EDK II calls a device that it has found, such as `UEFI QEMU QEMU HARDDISK `: by what the disk says of
 * itself, or else by the kind of its path. MdeModulePkg/Library/UefiBootManagerLib/BmBootDescription.c.
 */
export function bootDescription(bs: EfiBootServices, handle: EfiHandle, path: DevicePath): string {
  const loads = opened(bs, handle, LoadFileProtocol) !== undefined;
  const description =
    usbDescription(bs, handle) ??
    diskDescription(bs, handle) ??
    (loads ? (networkDescription(path) ?? fileName(path)) : undefined) ??
    miscDescription(bs, handle, path);
  return `UEFI ${description}`;
}

/** Descriptions that are the same get numbers: `UEFI Misc Device`, `UEFI Misc Device 2`. */
export function uniqueDescriptions(descriptions: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  return descriptions.map((description) => {
    const count = (counts.get(description) ?? 0) + 1;
    counts.set(description, count);
    return count === 1 ? description : `${description} ${count}`;
  });
}

/** Manufacturer, product and serial number of a USB device, as far as it has them. */
function usbDescription(bs: EfiBootServices, handle: EfiHandle): string | undefined {
  const usbIo = opened(bs, handle, UsbIoProtocol);
  if (usbIo === undefined) return undefined;
  try {
    const { strManufacturer, strProduct, strSerialNumber } = usbIo.usbGetDeviceDescriptor();
    const texts = [strManufacturer, strProduct, strSerialNumber].map((index) =>
      readString(usbIo, ENGLISH, index),
    );
    if (texts.every((text) => text === undefined)) return undefined;
    return oneBlank(texts.map((text) => text ?? '').join(' '));
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    return undefined;
  }
}

/** The first file that a path names: what LoadFile would load. */
function fileName(path: DevicePath): string | undefined {
  return [...devicePathNodes(path)].flatMap((node) => readFilePathNode(node) ?? [])[0];
}

/** BmEliminateExtraSpaces: one blank for many, and none in front; one at the end stays. */
function oneBlank(text: string): string {
  return text.replaceAll(/ +/g, ' ').replace(/^ /, '');
}

/** Vendor and product of a SCSI disk. */
function diskDescription(bs: EfiBootServices, handle: EfiHandle): string | undefined {
  const info = opened(bs, handle, DiskInfoProtocol);
  if (info?.interface !== EFI_DISK_INFO_SCSI_INTERFACE_GUID) return undefined;
  try {
    const inquiry = info.inquiry();
    const [vendor, product] = [VENDOR, PRODUCT].map(({ begin, end }) => {
      const [text = ''] = String.fromCharCode(...inquiry.subarray(begin, end)).split('\0');
      return text.padEnd(end - begin);
    });
    return oneBlank(`${vendor} ${product}`);
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    return undefined;
  }
}

/** By the node that says what leads to a device; a whole disk with a file system on it is "Non-Block". */
function miscDescription(bs: EfiBootServices, handle: EfiHandle, path: DevicePath): string {
  const isRemovable = opened(bs, handle, BlockIoProtocol)?.media.removableMedia;
  switch (kindOf(path)) {
    case 'floppy':
      return 'Floppy';
    case MSG_ATAPI_DP:
    case MSG_SATA_DP:
      return isRemovable === true ? 'DVD/CDROM' : 'Hard Drive';
    case MSG_USB_DP:
      return 'USB Device';
    case MSG_SCSI_DP:
      return 'SCSI Device';
    case 'controller':
      if (isRemovable === undefined) return 'Misc Device';
      return isRemovable ? 'Removable Disk' : 'Hard Drive';
    case undefined:
    default:
      return opened(bs, handle, SimpleFileSystemProtocol) === undefined
        ? 'Misc Device'
        : 'Non-Block Boot Device';
  }
}

/** BmDevicePathType: the sub-type of a messaging node that ends the path, but for logical units. */
function kindOf(path: DevicePath): 'floppy' | 'controller' | number | undefined {
  const nodes = [...devicePathNodes(path)];
  for (const [at, node] of nodes.entries()) {
    if (devicePathType(node) === ACPI_DEVICE_PATH && isFloppy(node)) return 'floppy';
    if (isDevicePathNode(node, HARDWARE_DEVICE_PATH, HW_CONTROLLER_DP)) return 'controller';
    const isLast = nodes.slice(at + 1).every(isUnit);
    if (isLast && devicePathType(node) === MESSAGING_DEVICE_PATH) return devicePathSubType(node);
  }
  return undefined;
}

function isUnit(node: DevicePathNode): boolean {
  return isDevicePathNode(node, MESSAGING_DEVICE_PATH, MSG_DEVICE_LOGICAL_UNIT_DP);
}

/** By the number in its HID: PNP0604. */
function isFloppy(node: DevicePathNode): boolean {
  return node[6] === (FLOPPY_HID & 0xff) && node[7] === FLOPPY_HID >> 8;
}
