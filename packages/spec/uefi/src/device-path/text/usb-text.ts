import { EfiError } from '../../status/efi-error.ts';
import { usbClassNode, usbNode, usbWwidNode } from '../messaging-nodes.ts';
import {
  MESSAGING_DEVICE_PATH,
  MSG_USB_CLASS_DP,
  MSG_USB_DP,
  MSG_USB_WWID_DP,
} from '../node-types.ts';
import type { NodeText } from './node-text.ts';

const type = MESSAGING_DEVICE_PATH;
const ANY_ID = 0xffff;
const ANY = 0xff;
/** The class of the devices that are told apart by their sub-class. */
const APPLICATION_SPECIFIC = 0xfe;
const QUOTED = /^"(.*)"$/s;

/** USB nodes as text (UEFI §10.6.1.6). */
export const USB_TEXTS: readonly NodeText[] = [
  {
    name: 'USB',
    type,
    subType: MSG_USB_DP,
    length: 6,
    print: (node) => [node.hex(node.uint8(4)), node.hex(node.uint8(5))],
    parse: (args) => usbNode(args.number(), args.number(0)),
  },
  classShortcut('UsbAudio', 1),
  classShortcut('UsbCDCControl', 2),
  classShortcut('UsbHID', 3),
  classShortcut('UsbImage', 6),
  classShortcut('UsbPrinter', 7),
  classShortcut('UsbMassStorage', 8),
  classShortcut('UsbHub', 9),
  classShortcut('UsbCDCData', 10),
  classShortcut('UsbSmartCard', 11),
  classShortcut('UsbVideo', 14),
  classShortcut('UsbDiagnostic', 220),
  classShortcut('UsbWireless', 224),
  subClassShortcut('UsbDeviceFirmwareUpdate', 1),
  subClassShortcut('UsbIrdaBridge', 2),
  subClassShortcut('UsbTestAndMeasurement', 3),
  {
    name: 'UsbClass',
    type,
    subType: MSG_USB_CLASS_DP,
    length: 11,
    print: (node) => [
      node.hex(node.uint16(4)),
      node.hex(node.uint16(6)),
      ...[8, 9, 10].map((offset) => node.hex(node.uint8(offset))),
    ],
    parse: (args) =>
      usbClassNode(
        args.number(ANY_ID),
        args.number(ANY_ID),
        args.number(ANY),
        args.number(ANY),
        args.number(ANY),
      ),
  },
  {
    name: 'UsbWwid',
    type,
    subType: MSG_USB_WWID_DP,
    minimumLength: 10,
    print: (node) => [
      node.hex(node.uint16(6)),
      node.hex(node.uint16(8)),
      node.hex(node.uint16(4)),
      `"${node.char16(10)}"`,
    ],
    parse(args) {
      const [vendorId, productId] = [args.number(), args.number()];
      return usbWwidNode(
        args.number(),
        vendorId,
        productId,
        unquoted(args.text('a serial number')),
      );
    },
  },
];

/** `UsbHub(vendor,product,subClass,protocol)`: a class that has a name. */
function classShortcut(name: string, deviceClass: number): NodeText {
  return {
    name,
    type,
    subType: MSG_USB_CLASS_DP,
    length: 11,
    print(node): readonly string[] | undefined {
      if (node.options.allowShortcuts !== true || node.uint8(8) !== deviceClass) return undefined;
      const ids = [4, 6].map((offset) => node.hex(node.uint16(offset)));
      return [...ids, node.hex(node.uint8(9)), node.hex(node.uint8(10))];
    },
    parse: (args) =>
      usbClassNode(
        args.number(ANY_ID),
        args.number(ANY_ID),
        deviceClass,
        args.number(ANY),
        args.number(ANY),
      ),
  };
}

/** `UsbIrdaBridge(vendor,product,protocol)`: a sub-class that has a name. */
function subClassShortcut(name: string, deviceSubClass: number): NodeText {
  return {
    name,
    type,
    subType: MSG_USB_CLASS_DP,
    length: 11,
    print(node): readonly string[] | undefined {
      const isNamed = node.uint8(8) === APPLICATION_SPECIFIC && node.uint8(9) === deviceSubClass;
      if (node.options.allowShortcuts !== true || !isNamed) return undefined;
      const ids = [4, 6].map((offset) => node.hex(node.uint16(offset)));
      return [...ids, node.hex(node.uint8(10))];
    },
    parse: (args) =>
      usbClassNode(
        args.number(ANY_ID),
        args.number(ANY_ID),
        APPLICATION_SPECIFIC,
        deviceSubClass,
        args.number(ANY),
      ),
  };
}

function unquoted(text: string): string {
  const serial = QUOTED.exec(text)?.[1];
  if (serial !== undefined) return serial;
  throw new EfiError('EFI_INVALID_PARAMETER', `expected a serial number in quotes, not ${text}`);
}
