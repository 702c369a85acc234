import type { Guid } from '../../guid.ts';
import { guidFromBytes } from '../../guid.ts';
import { vendorMessagingNode } from '../messaging-nodes.ts';
import { uint32 } from '../node.ts';
import { MESSAGING_DEVICE_PATH, MSG_VENDOR_DP } from '../node-types.ts';
import {
  DEVICE_PATH_MESSAGING_UART_FLOW_CONTROL,
  EFI_DEBUGPORT_PROTOCOL_GUID,
  EFI_PC_ANSI_GUID,
  EFI_VT_100_GUID,
  EFI_VT_100_PLUS_GUID,
  EFI_VT_UTF8_GUID,
} from '../vendor-guids.ts';
import type { NodeText } from './node-text.ts';

const type = MESSAGING_DEVICE_PATH;
const subType = MSG_VENDOR_DP;

const FLOW_CONTROLS = ['None', 'Hardware', 'XonXoff'];

/** Vendor messaging nodes as text (UEFI §10.6.1.6): those with a name first. */
export const VENDOR_MESSAGING_TEXTS: readonly NodeText[] = [
  vendorShortcut('VenPcAnsi', EFI_PC_ANSI_GUID),
  vendorShortcut('VenVt100', EFI_VT_100_GUID),
  vendorShortcut('VenVt100Plus', EFI_VT_100_PLUS_GUID),
  vendorShortcut('VenUtf8', EFI_VT_UTF8_GUID),
  vendorShortcut('DebugPort', EFI_DEBUGPORT_PROTOCOL_GUID),
  {
    name: 'UartFlowCtrl',
    type,
    subType,
    length: 24,
    print(node): readonly string[] | undefined {
      if (node.options.allowShortcuts !== true) return undefined;
      if (guidFromBytes(node.bytes, 4) !== DEVICE_PATH_MESSAGING_UART_FLOW_CONTROL)
        return undefined;
      const word = FLOW_CONTROLS[node.uint32(20)];
      return word === undefined ? undefined : [word];
    },
    parse: (args) =>
      vendorMessagingNode(
        DEVICE_PATH_MESSAGING_UART_FLOW_CONTROL,
        uint32(args.keyword({ None: 0, Hardware: 1, XonXoff: 2 })),
      ),
  },
  {
    name: 'VenMsg',
    type,
    subType,
    minimumLength: 20,
    print: (node) => [node.guid(4), ...node.optionalDump(20)],
    parse: (args) => vendorMessagingNode(args.guid(), args.dump()),
  },
];

/** `VenVt100()`: a GUID that has a name, and no data. */
function vendorShortcut(name: string, vendor: Guid): NodeText {
  return {
    name,
    type,
    subType,
    length: 20,
    print(node): readonly string[] | undefined {
      const isNamed = guidFromBytes(node.bytes, 4) === vendor;
      return node.options.allowShortcuts === true && isNamed ? [] : undefined;
    },
    parse: () => vendorMessagingNode(vendor),
  };
}
