import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** What a USB device says of itself: fields of EFI_USB_DEVICE_DESCRIPTOR (UEFI §17.2.5). */
export interface EfiUsbDeviceDescriptor {
  readonly deviceClass: number;
  readonly deviceSubClass: number;
  readonly deviceProtocol: number;
  readonly idVendor: number;
  readonly idProduct: number;
  /** Indices of strings; 0 for one that there is not. */
  readonly strManufacturer: number;
  readonly strProduct: number;
  readonly strSerialNumber: number;
}

/** What a USB interface says of itself: fields of EFI_USB_INTERFACE_DESCRIPTOR (UEFI §17.2.7). */
export interface EfiUsbInterfaceDescriptor {
  readonly interfaceNumber: number;
  readonly interfaceClass: number;
  readonly interfaceSubClass: number;
  readonly interfaceProtocol: number;
}

/**
 * EFI_USB_IO_PROTOCOL (UEFI §17.2), as far as it describes an interface: that is what a boot manager asks. There
 * is no USB host behind it here, so its transfers are not modelled.
 */
export interface EfiUsbIo {
  /** @throws EFI_INVALID_PARAMETER, EFI_NOT_FOUND, EFI_DEVICE_ERROR */
  usbGetDeviceDescriptor(): EfiUsbDeviceDescriptor;
  /** @throws EFI_INVALID_PARAMETER, EFI_NOT_FOUND, EFI_DEVICE_ERROR */
  usbGetInterfaceDescriptor(): EfiUsbInterfaceDescriptor;
  /** @throws EFI_NOT_FOUND, EFI_OUT_OF_RESOURCES */
  usbGetStringDescriptor(langId: number, stringId: number): string;
  /** LANGIDs of the strings; none if there are none. */
  usbGetSupportedLanguages(): readonly number[];
}

/** By which EFI_USB_IO_PROTOCOL (UEFI §17.2) is found. */
export const UsbIoProtocol: Protocol<EfiUsbIo> = defineProtocol(
  'UsbIo',
  '2b2f68d6-0cd2-44cf-8e8b-bba20b1b5b75',
);
