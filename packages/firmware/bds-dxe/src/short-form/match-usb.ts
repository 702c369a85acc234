import type { DevicePathNode } from '@dxelab/uefi';
import { readUsbClassNode, readUsbWwidNode } from '@dxelab/uefi';

/** A class of USB, of a device or of an interface. */
export interface UsbClassCodes {
  readonly deviceClass: number;
  readonly subClass: number;
  readonly protocol: number;
}

/** What a USB interface says of itself: what EFI_USB_IO_PROTOCOL reads from its descriptors. */
export interface UsbInterface {
  readonly vendorId: number;
  readonly productId: number;
  /** Of the device; class 0 leaves it to the interface. */
  readonly device: UsbClassCodes;
  readonly interfaceNumber: number;
  readonly interface: UsbClassCodes;
  /** In each of the device's languages; empty if it has none. */
  readonly serialNumbers: readonly string[];
}

const ANY_ID = 0xffff;
const ANY = 0xff;

/** Whether a USB class node (UEFI §10.3.4.9) means an interface. BmMatchUsbClass() of UefiBootManagerLib. */
export function matchUsbClass(usb: UsbInterface, wanted: DevicePathNode): boolean {
  const meant = readUsbClassNode(wanted);
  if (meant === undefined) return false;
  const codes = usb.device.deviceClass === 0 ? usb.interface : usb.device;
  return (
    isMeant(meant.vendorId, usb.vendorId, ANY_ID) &&
    isMeant(meant.productId, usb.productId, ANY_ID) &&
    isMeant(meant.deviceClass, codes.deviceClass, ANY) &&
    isMeant(meant.deviceSubClass, codes.subClass, ANY) &&
    isMeant(meant.deviceProtocol, codes.protocol, ANY)
  );
}

/**
 * Whether a USB WWID node (UEFI §10.3.4.7) means an interface: of the serial number it may have only the
 * end, in any of the device's languages. BmMatchUsbWwid() of UefiBootManagerLib.
 */
export function matchUsbWwid(usb: UsbInterface, wanted: DevicePathNode): boolean {
  const meant = readUsbWwidNode(wanted);
  return (
    meant !== undefined &&
    meant.vendorId === usb.vendorId &&
    meant.productId === usb.productId &&
    meant.interfaceNumber === usb.interfaceNumber &&
    usb.serialNumbers.some((serialNumber) => serialNumber.endsWith(meant.serialNumber))
  );
}

function isMeant(meant: number, found: number, any: number): boolean {
  return meant === any || meant === found;
}
