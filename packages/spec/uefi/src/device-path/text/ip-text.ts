import { ipv4Node, ipv6Node } from '../ip-nodes.ts';
import { MESSAGING_DEVICE_PATH, MSG_IPV4_DP, MSG_IPV6_DP } from '../node-types.ts';
import type { IpEndpoint } from './ip-address.ts';
import {
  ipv4EndpointFromText,
  ipv4FromText,
  ipv4ToText,
  ipv6EndpointFromText,
  ipv6FromText,
  ipv6ToText,
} from './ip-address.ts';
import type { NodePrinter } from './node-printer.ts';
import type { NodeText } from './node-text.ts';

const type = MESSAGING_DEVICE_PATH;

const PROTOCOLS = { TCP: 6, UDP: 17 };
const IPV4_ORIGINS = ['DHCP', 'Static'];
const IPV6_ORIGINS = ['Static', 'StatelessAutoConfigure', 'StatefulAutoConfigure'];

/** IP nodes as text (UEFI §10.6.1.6). */
export const IP_TEXTS: readonly NodeText[] = [
  {
    name: 'IPv4',
    type,
    subType: MSG_IPV4_DP,
    length: 27,
    print(node): readonly string[] {
      const remote = ipv4(node, 8) + portToText(node, 14);
      if (node.options.displayOnly === true) return [remote];
      return [
        remote,
        protocolToText(node, node.uint16(16)),
        IPV4_ORIGINS[node.uint8(18)] ?? node.hex(node.uint8(18)),
        ipv4(node, 4) + portToText(node, 12),
        ipv4(node, 19),
        ipv4(node, 23),
      ];
    },
    parse(args) {
      const endpoint = (): IpEndpoint => ipv4EndpointFromText(args.text('an address', '0.0.0.0'));
      const address = (): Uint8Array => ipv4FromText(args.text('an address', '0.0.0.0'));
      const remote = endpoint();
      const protocol = args.keyword(PROTOCOLS, PROTOCOLS.UDP);
      const staticIpAddress = args.keyword({ DHCP: 0, Static: 1 }, 0);
      const local = endpoint();
      return ipv4Node({
        remoteIpAddress: remote.address,
        remotePort: remote.port,
        protocol,
        staticIpAddress,
        localIpAddress: local.address,
        localPort: local.port,
        gatewayIpAddress: address(),
        subnetMask: address(),
      });
    },
  },
  {
    name: 'IPv6',
    type,
    subType: MSG_IPV6_DP,
    length: 60,
    print(node): readonly string[] {
      const remote = ipv6(node, 20, 38);
      if (node.options.displayOnly === true) return [remote];
      return [
        remote,
        protocolToText(node, node.uint16(40)),
        IPV6_ORIGINS[node.uint8(42)] ?? node.hex(node.uint8(42)),
        ipv6(node, 4, 36),
        node.hex(node.uint8(43)),
        ipv6(node, 44),
      ];
    },
    parse(args) {
      const endpoint = (): IpEndpoint => ipv6EndpointFromText(args.text('an address', '::'));
      const gateway = (): Uint8Array => ipv6FromText(args.text('an address', '::'));
      const remote = endpoint();
      const protocol = args.keyword(PROTOCOLS, PROTOCOLS.UDP);
      const ipAddressOrigin = args.keyword(
        { Static: 0, StatelessAutoConfigure: 1, StatefulAutoConfigure: 2 },
        0,
      );
      const local = endpoint();
      // The specification has the gateway first, EDK II and the SCT the prefix: a colon tells.
      const first = args.next.includes(':') ? gateway() : undefined;
      return ipv6Node({
        remoteIpAddress: remote.address,
        remotePort: remote.port,
        protocol,
        ipAddressOrigin,
        localIpAddress: local.address,
        localPort: local.port,
        prefixLength: args.number(0),
        gatewayIpAddress: first ?? gateway(),
      });
    },
  },
];

function protocolToText(node: NodePrinter, protocol: number): string {
  if (protocol === PROTOCOLS.TCP) return 'TCP';
  return protocol === PROTOCOLS.UDP ? 'UDP' : node.hex(protocol);
}

function ipv4(node: NodePrinter, offset: number): string {
  return ipv4ToText(node.bytes.subarray(offset, offset + 4));
}

function ipv6(node: NodePrinter, offset: number, portOffset?: number): string {
  const text = node.cased(ipv6ToText(node.bytes.subarray(offset, offset + 16)));
  const port = portOffset === undefined ? '' : portToText(node, portOffset);
  return port === '' ? text : `[${text}]${port}`;
}

/** `:3260`; nothing for 0, the default, and nothing by EDK II. */
function portToText(node: NodePrinter, offset: number): string {
  const port = node.uint16(offset);
  return port === 0 || node.options.edk2 === true ? '' : `:${port}`;
}
