import { PCI_CLASSCODE_OFFSET } from '@dxelab/pci';
import type { DevicePath, EfiBootServices, EfiPciIo, EfiUsbIo } from '@dxelab/uefi';
import {
  appendDevicePath,
  devicePathAfter,
  EfiPciWidthUint8,
  isDevicePathEnd,
  isEfiFailure,
  PciIoProtocol,
  UsbIoProtocol,
} from '@dxelab/uefi';
import { connect, connectDevicePath, handlesWith } from '../connect.ts';
import { opened, pathOf } from '../opened.ts';
import type { UsbInterface } from './match-usb.ts';
import { matchUsbClass, matchUsbWwid } from './match-usb.ts';
import type { ShortForm } from './short-form.ts';

/** Base class and sub-class of a USB host controller. */
const SERIAL_BUS = 0x0c;
const USB = 0x03;

/**
 * The devices that a USB class or WWID means: below the path in front of it, or anywhere (UEFI §3.1.2). Host
 * controllers are connected for it, and are told which device is wanted. BmExpandUsbDevicePath of
 * UefiBootManagerLib/BmBoot.c, BmConnectUsbShortFormDevicePath of BmConnect.c.
 * @param path all of the short form
 */
export function expandUsb(
  bs: EfiBootServices,
  path: DevicePath,
  { kind, parent, node, rest }: ShortForm,
): readonly DevicePath[] {
  if (isDevicePathEnd(parent)) connectHostControllers(bs, path);
  else connectDevicePath(bs, path);
  const matches = kind === 'UsbClass' ? matchUsbClass : matchUsbWwid;
  return handlesWith(bs, UsbIoProtocol).flatMap((handle) => {
    const [usbIo, place] = [opened(bs, handle, UsbIoProtocol), pathOf(bs, handle)];
    if (usbIo === undefined || place === undefined) return [];
    if (devicePathAfter(parent, place) === undefined) return [];
    const usb = readUsbInterface(usbIo);
    return usb !== undefined && matches(usb, node) ? [appendDevicePath(place, rest)] : [];
  });
}

function connectHostControllers(bs: EfiBootServices, path: DevicePath): void {
  for (const handle of handlesWith(bs, PciIoProtocol)) {
    const pciIo = opened(bs, handle, PciIoProtocol);
    if (pciIo !== undefined && isUsbHost(pciIo)) connect(bs, handle, false, path);
  }
}

function isUsbHost({ pci }: EfiPciIo): boolean {
  const read = (offset: number): number =>
    pci.read(EfiPciWidthUint8, PCI_CLASSCODE_OFFSET + offset);
  return read(2) === SERIAL_BUS && read(1) === USB;
}

/** What a device says of itself; `undefined` if it does not answer. */
function readUsbInterface(usbIo: EfiUsbIo): UsbInterface | undefined {
  try {
    const device = usbIo.usbGetDeviceDescriptor();
    const own = usbIo.usbGetInterfaceDescriptor();
    return {
      vendorId: device.idVendor,
      productId: device.idProduct,
      device: {
        deviceClass: device.deviceClass,
        subClass: device.deviceSubClass,
        protocol: device.deviceProtocol,
      },
      interfaceNumber: own.interfaceNumber,
      interface: {
        deviceClass: own.interfaceClass,
        subClass: own.interfaceSubClass,
        protocol: own.interfaceProtocol,
      },
      serialNumbers: usbIo
        .usbGetSupportedLanguages()
        .flatMap((language) => readString(usbIo, language, device.strSerialNumber) ?? []),
    };
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    return undefined;
  }
}

/** A string of a device; `undefined` if it has none. */
export function readString(usbIo: EfiUsbIo, language: number, index: number): string | undefined {
  try {
    return usbIo.usbGetStringDescriptor(language, index);
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    return undefined;
  }
}
