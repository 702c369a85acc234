import {
  ISCSI_AUTHENTICATION_CHAP_UNI,
  ISCSI_AUTHENTICATION_NONE,
  ISCSI_DATA_DIGEST_CRC32C,
  ISCSI_HEADER_DIGEST_CRC32C,
  REST_SERVICE_VENDOR,
  bluetoothLeNode,
  bluetoothNode,
  dnsNode,
  infinibandNode,
  iscsiNode,
  restServiceNode,
  vendorRestServiceNode,
  wifiNode,
} from '../network-nodes.ts';
import { guidToBytes } from '../../guid.ts';
import { char8Field } from '../node.ts';
import {
  MESSAGING_DEVICE_PATH,
  MSG_BLUETOOTH_DP,
  MSG_BLUETOOTH_LE_DP,
  MSG_DNS_DP,
  MSG_INFINIBAND_DP,
  MSG_ISCSI_DP,
  MSG_REST_SERVICE_DP,
  MSG_WIFI_DP,
} from '../node-types.ts';
import { ipv4FromText, ipv4ToText, ipv6FromText, ipv6ToText } from './ip-address.ts';
import type { NodePrinter } from './node-printer.ts';
import type { NodeText } from './node-text.ts';
import { NVME_OF_TEXT } from './nvme-of-text.ts';

const type = MESSAGING_DEVICE_PATH;

const HEADER_DIGESTS = { None: 0, CRC32C: ISCSI_HEADER_DIGEST_CRC32C };
const DATA_DIGESTS = { None: 0, CRC32C: ISCSI_DATA_DIGEST_CRC32C };
const AUTHENTICATIONS = {
  None: ISCSI_AUTHENTICATION_NONE,
  CHAP_UNI: ISCSI_AUTHENTICATION_CHAP_UNI,
  CHAP_BI: 0,
};

/** Nodes of what is reached over a network, as text (UEFI §10.6.1.6). */
export const NETWORK_TEXTS: readonly NodeText[] = [
  {
    name: 'Infiniband',
    type,
    subType: MSG_INFINIBAND_DP,
    length: 48,
    print: (node) => [
      node.hex(node.uint32(4)),
      node.guid(8),
      ...[24, 32, 40].map((offset) => node.hex(node.uint64(offset))),
    ],
    parse: (args) =>
      infinibandNode({
        resourceFlags: args.number(),
        portGid: guidToBytes(args.guid()),
        serviceId: args.bigint(),
        targetPortId: args.bigint(),
        deviceId: args.bigint(),
      }),
  },
  {
    name: 'iSCSI',
    type,
    subType: MSG_ISCSI_DP,
    minimumLength: 19,
    print(node): readonly string[] {
      const options = node.uint16(6);
      return [
        node.char8(18),
        node.hex(node.uint16(16)),
        `0x${node.dump(8, 16)}`,
        (options & ISCSI_HEADER_DIGEST_CRC32C) === 0 ? 'None' : 'CRC32C',
        (options & ISCSI_DATA_DIGEST_CRC32C) === 0 ? 'None' : 'CRC32C',
        authenticationToText(options),
        node.uint16(4) === 0 ? 'TCP' : 'reserved',
      ];
    },
    parse: (args) =>
      iscsiNode({
        targetName: args.text('a target name'),
        targetPortalGroupTag: args.number(),
        lun: args.bytes(8, '0x'),
        loginOptions:
          args.keyword(HEADER_DIGESTS, 0) |
          args.keyword(DATA_DIGESTS, 0) |
          args.keyword(AUTHENTICATIONS, ISCSI_AUTHENTICATION_NONE),
        networkProtocol: args.keyword({ TCP: 0, reserved: 1 }, 0),
      }),
  },
  {
    name: 'Bluetooth',
    type,
    subType: MSG_BLUETOOTH_DP,
    length: 10,
    print: (node) => [node.dump(4)],
    parse: (args) => bluetoothNode(args.dump()),
  },
  {
    name: 'BluetoothLE',
    type,
    subType: MSG_BLUETOOTH_LE_DP,
    length: 11,
    print: (node) => [
      node.dump(4, 10),
      node.hex(node.uint8(10), node.options.edk2 === true ? 2 : 1),
    ],
    parse: (args) => bluetoothLeNode(args.dump(), args.number()),
  },
  {
    name: 'Wi-Fi',
    type,
    subType: MSG_WIFI_DP,
    length: 36,
    print: (node) => [node.char8(4)],
    parse: (args) => wifiNode(char8Field(args.text('an SSID'))),
  },
  {
    name: 'Dns',
    type,
    subType: MSG_DNS_DP,
    minimumLength: 5,
    print: dnsToText,
    parse(args) {
      const addresses: Uint8Array[] = [];
      while (args.more) {
        const text = args.text('an IP address');
        addresses.push(text.includes(':') ? ipv6FromText(text) : ipv4FromText(text));
      }
      return dnsNode(...addresses);
    },
  },
  {
    name: 'RestService',
    type,
    subType: MSG_REST_SERVICE_DP,
    minimumLength: 6,
    unknownToEdk2: true,
    print(node): readonly string[] | undefined {
      const head = [node.hex(node.uint8(4)), node.hex(node.uint8(5))];
      if (node.uint8(4) !== REST_SERVICE_VENDOR) return node.bytes.length === 6 ? head : undefined;
      if (node.bytes.length < 22) return undefined;
      return [...head, node.guid(6), ...node.optionalDump(22)];
    },
    parse(args) {
      const [service, accessMode] = [args.number(), args.number()];
      if (service !== REST_SERVICE_VENDOR) return restServiceNode(service, accessMode);
      return vendorRestServiceNode(accessMode, args.guid(), args.dump());
    },
  },
  NVME_OF_TEXT,
];

function authenticationToText(options: number): string {
  if ((options & ISCSI_AUTHENTICATION_NONE) !== 0) return 'None';
  return (options & ISCSI_AUTHENTICATION_CHAP_UNI) === 0 ? 'CHAP_BI' : 'CHAP_UNI';
}

/** EFI_IP_ADDRESS has 16 bytes, of which an IPv4 address takes the first 4. */
function dnsToText(node: NodePrinter): readonly string[] {
  const isIpv6 = node.uint8(4) !== 0;
  return Array.from({ length: Math.floor((node.bytes.length - 5) / 16) }, (_, index) => {
    const address = node.bytes.subarray(5 + index * 16, 21 + index * 16);
    return isIpv6 ? node.cased(ipv6ToText(address)) : ipv4ToText(address.subarray(0, 4));
  });
}
