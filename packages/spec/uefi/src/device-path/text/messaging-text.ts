import {
  atapiNode,
  emmcNode,
  fibreChannelExNode,
  fibreChannelNode,
  i2oNode,
  ieee1394Node,
  logicalUnitNode,
  macAddressNode,
  nvdimmNamespaceNode,
  nvmeNamespaceNode,
  sataNode,
  scsiNode,
  sdNode,
  ufsNode,
  uriNode,
  vlanNode,
} from '../messaging-nodes.ts';
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
  MSG_SATA_DP,
  MSG_SCSI_DP,
  MSG_SD_DP,
  MSG_UFS_DP,
  MSG_URI_DP,
  MSG_VLAN_DP,
} from '../node-types.ts';
import { EfiError } from '../../status/efi-error.ts';
import { IP_TEXTS } from './ip-text.ts';
import { NETWORK_TEXTS } from './network-text.ts';
import type { NodeText } from './node-text.ts';
import { SAS_TEXTS } from './sas-text.ts';
import { UART_TEXT } from './uart-text.ts';
import { USB_TEXTS } from './usb-text.ts';
import { VENDOR_MESSAGING_TEXTS } from './vendor-messaging-text.ts';

const type = MESSAGING_DEVICE_PATH;

const CONTROLLERS = { Primary: 0, Secondary: 1 };
const DRIVES = { Master: 0, Slave: 1 };
/** SATA: no port multiplier stands between. */
const DIRECTLY_CONNECTED = 0xffff;
const EUI64 = /^[0-9a-f]{2}(?:-[0-9a-f]{2}){7}$/i;

/** Messaging nodes as text (UEFI §10.6.1.6). */
export const MESSAGING_TEXTS: readonly NodeText[] = [
  {
    name: 'Ata',
    type,
    subType: MSG_ATAPI_DP,
    length: 8,
    print(node): readonly string[] {
      const lun = node.hex(node.uint16(6));
      if (node.options.displayOnly === true) return [lun];
      const controller = node.uint8(4) === 1 ? 'Secondary' : 'Primary';
      return [controller, node.uint8(5) === 1 ? 'Slave' : 'Master', lun];
    },
    parse: (args) => atapiNode(args.keyword(CONTROLLERS), args.keyword(DRIVES), args.number(0)),
  },
  {
    name: 'Scsi',
    type,
    subType: MSG_SCSI_DP,
    length: 8,
    print: (node) => [node.hex(node.uint16(4)), node.hex(node.uint16(6))],
    parse: (args) => scsiNode(args.number(), args.number(0)),
  },
  {
    name: 'Fibre',
    type,
    subType: MSG_FIBRECHANNEL_DP,
    length: 24,
    print: (node) => [node.hex(node.uint64(8)), node.hex(node.uint64(16))],
    parse: (args) => fibreChannelNode(args.bigint(), args.bigint(0n)),
  },
  {
    name: 'FibreEx',
    type,
    subType: MSG_FIBRECHANNELEX_DP,
    length: 24,
    print: (node) => [`0x${node.dump(8, 16)}`, `0x${node.dump(16, 24)}`],
    parse: (args) => fibreChannelExNode(args.bytes(8, '0x'), args.bytes(8, '0x')),
  },
  {
    name: 'I1394',
    type,
    subType: MSG_1394_DP,
    length: 16,
    // sixteen digits without 0x, as EDK II and the SCT have them
    print: (node) => [node.hex(node.uint64(8), 16).slice(2)],
    parse: (args) => ieee1394Node(BigInt(`0x${args.digits(16)}`)),
  },
  {
    name: 'I2O',
    type,
    subType: MSG_I2O_DP,
    length: 8,
    print: (node) => [node.hex(node.uint32(4))],
    parse: (args) => i2oNode(args.number()),
  },
  ...USB_TEXTS,
  ...SAS_TEXTS,
  ...VENDOR_MESSAGING_TEXTS,
  {
    name: 'MAC',
    type,
    subType: MSG_MAC_ADDR_DP,
    length: 37,
    print(node): readonly string[] {
      const ifType = node.uint8(36);
      // Ethernet, and what came before it, have six bytes; of others the length is not known.
      const length = ifType <= 1 ? 6 : 32;
      return [node.dump(4, 4 + length), node.hex(ifType)];
    },
    parse(args) {
      const [address, ifType] = [args.dump(), args.number(0)];
      if (ifType > 1 || address.length === 6) return macAddressNode(address, ifType);
      throw wrong(`a MAC address of interface type ${ifType} has 6 bytes, not ${address.length}`);
    },
  },
  ...IP_TEXTS,
  ...NETWORK_TEXTS,
  UART_TEXT,
  {
    name: 'Unit',
    type,
    subType: MSG_DEVICE_LOGICAL_UNIT_DP,
    length: 5,
    print: (node) => [node.hex(node.uint8(4))],
    parse: (args) => logicalUnitNode(args.number()),
  },
  {
    name: 'Sata',
    type,
    subType: MSG_SATA_DP,
    length: 10,
    print: (node) => [4, 6, 8].map((offset) => node.hex(node.uint16(offset))),
    parse: (args) => sataNode(args.number(), args.number(DIRECTLY_CONNECTED), args.number(0)),
  },
  {
    name: 'Vlan',
    type,
    subType: MSG_VLAN_DP,
    length: 6,
    print: (node) => [node.uint16(4).toString()],
    parse: (args) => vlanNode(args.number()),
  },
  {
    name: 'NVMe',
    type,
    subType: MSG_NVME_NAMESPACE_DP,
    length: 16,
    print: (node) => [node.hex(node.uint32(4)), eui64ToText(node.dump(8, 16, '-'))],
    parse: (args) => nvmeNamespaceNode(args.number(), eui64FromText(args.text('an EUI-64'))),
  },
  {
    name: 'Uri',
    type,
    subType: MSG_URI_DP,
    print: (node) => [node.char8(4)],
    parse: (args) => uriNode(args.text('a URI', '')),
  },
  {
    name: 'UFS',
    type,
    subType: MSG_UFS_DP,
    length: 6,
    print: (node) => [node.hex(node.uint8(4)), node.hex(node.uint8(5))],
    parse: (args) => ufsNode(args.number(), args.number()),
  },
  {
    name: 'SD',
    type,
    subType: MSG_SD_DP,
    length: 5,
    print: (node) => [node.hex(node.uint8(4))],
    parse: (args) => sdNode(args.number(0)),
  },
  {
    name: 'eMMC',
    type,
    subType: MSG_EMMC_DP,
    length: 5,
    print: (node) => [node.hex(node.uint8(4))],
    parse: (args) => emmcNode(args.number(0)),
  },
  {
    name: 'NVDIMM',
    type,
    subType: MSG_NVDIMM_NAMESPACE_DP,
    length: 20,
    unknownToEdk2: true,
    print: (node) => [node.guid(4)],
    parse: (args) => nvdimmNamespaceNode(args.guid()),
  },
];

/** The text begins with the most significant byte, the node with the least. */
function eui64ToText(littleEndian: string): string {
  return littleEndian.split('-').toReversed().join('-');
}

function eui64FromText(text: string): bigint {
  if (EUI64.test(text)) return BigInt(`0x${text.replaceAll('-', '')}`);
  throw wrong(`an EUI-64 is eight pairs of digits with hyphens, not "${text}"`);
}

function wrong(message: string): EfiError {
  return new EfiError('EFI_INVALID_PARAMETER', message);
}
