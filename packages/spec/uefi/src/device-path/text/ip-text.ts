import { EfiError } from '../../status/efi-error.ts';
import { ipv4Node, ipv6Node } from '../ip-nodes.ts';
import { MESSAGING_DEVICE_PATH, MSG_IPV4_DP, MSG_IPV6_DP } from '../node-types.ts';
import type { NodePrinter } from './node-printer.ts';
import type { NodeText } from './node-text.ts';

const type = MESSAGING_DEVICE_PATH;

const PROTOCOLS = { TCP: 6, UDP: 17 };
const IPV4_ORIGINS = ['DHCP', 'Static'];
const IPV6_ORIGINS = ['Static', 'StatelessAutoConfigure', 'StatefulAutoConfigure'];

/** IP nodes as text (UEFI §10.6.1.6). The ports have no place in it. */
export const IP_TEXTS: readonly NodeText[] = [
  {
    name: 'IPv4',
    type,
    subType: MSG_IPV4_DP,
    length: 27,
    print(node): readonly string[] {
      const remote = ipv4ToText(node, 8);
      if (node.options.displayOnly === true) return [remote];
      return [
        remote,
        protocolToText(node, node.uint16(16)),
        IPV4_ORIGINS[node.uint8(18)] ?? node.hex(node.uint8(18)),
        ipv4ToText(node, 4),
        ipv4ToText(node, 19),
        ipv4ToText(node, 23),
      ];
    },
    parse(args) {
      const address = (): Uint8Array => ipv4FromText(args.text('an IPv4 address', '0.0.0.0'));
      return ipv4Node({
        remoteIpAddress: address(),
        protocol: args.keyword(PROTOCOLS, PROTOCOLS.UDP),
        staticIpAddress: args.keyword({ DHCP: 0, Static: 1 }, 0),
        localIpAddress: address(),
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
      const remote = ipv6ToText(node, 20);
      if (node.options.displayOnly === true) return [remote];
      return [
        remote,
        protocolToText(node, node.uint16(40)),
        IPV6_ORIGINS[node.uint8(42)] ?? node.hex(node.uint8(42)),
        ipv6ToText(node, 4),
        ipv6ToText(node, 44),
        node.uint8(43).toString(),
      ];
    },
    parse(args) {
      const address = (): Uint8Array => ipv6FromText(args.text('an IPv6 address', '::'));
      return ipv6Node({
        remoteIpAddress: address(),
        protocol: args.keyword(PROTOCOLS, PROTOCOLS.UDP),
        ipAddressOrigin: args.keyword(
          { Static: 0, StatelessAutoConfigure: 1, StatefulAutoConfigure: 2 },
          0,
        ),
        localIpAddress: address(),
        gatewayIpAddress: address(),
        prefixLength: args.number(0),
      });
    },
  },
];

function protocolToText(node: NodePrinter, protocol: number): string {
  if (protocol === PROTOCOLS.TCP) return 'TCP';
  return protocol === PROTOCOLS.UDP ? 'UDP' : node.hex(protocol);
}

function ipv4ToText(node: NodePrinter, offset: number): string {
  return node.bytes.subarray(offset, offset + 4).join('.');
}

function ipv4FromText(text: string): Uint8Array {
  const bytes = text.split('.').map(Number);
  const isAddress = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) && bytes.every((byte) => byte <= 255);
  if (!isAddress) throw wrong(`expected an IPv4 address, found "${text}"`);
  return Uint8Array.from(bytes);
}

/** All eight groups with all their digits: a form that every reader accepts. */
function ipv6ToText(node: NodePrinter, offset: number): string {
  const groups = Array.from({ length: 8 }, (_, group) =>
    node.dump(offset + group * 2, offset + group * 2 + 2),
  );
  return groups.join(':');
}

/** RFC 4291 §2.2: `::` once for a run of zero groups. */
function ipv6FromText(text: string): Uint8Array {
  const [head = '', tail, ...others] = text.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const missing = 8 - before.length - after.length;
  const isComplete = tail === undefined ? missing === 0 : missing > 0;
  if (others.length > 0 || !isComplete) throw wrong(`expected an IPv6 address, found "${text}"`);
  const zeros = Array.from({ length: missing }, () => 0);
  const groups = [...before, ...zeros, ...after];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function groupsOf(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').map((group) => {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) throw wrong(`"${group}" is no group of an IPv6 address`);
    return Number.parseInt(group, 16);
  });
}

function wrong(message: string): EfiError {
  return new EfiError('EFI_INVALID_PARAMETER', message);
}
