import type { DevicePathNode } from './node.ts';
import { bytesField, packNode, uint16, uint8 } from './node.ts';
import { MESSAGING_DEVICE_PATH, MSG_IPV4_DP, MSG_IPV6_DP } from './node-types.ts';

// IP addresses, bytes in network order (UEFI §10.3.4.12-13).

const ANY_IPV4 = new Uint8Array(4);
const ANY_IPV6 = new Uint8Array(16);

/** What an IPv4 node says (UEFI §10.3.4); addresses have 4 bytes. */
export interface Ipv4Settings {
  readonly localIpAddress?: Uint8Array;
  readonly remoteIpAddress: Uint8Array;
  readonly localPort?: number;
  readonly remotePort?: number;
  /** RFC 3232: 6 is TCP, 17 is UDP. */
  readonly protocol: number;
  /** 0: assigned by DHCP; 1: static. */
  readonly staticIpAddress: number;
  readonly gatewayIpAddress?: Uint8Array;
  readonly subnetMask?: Uint8Array;
}

/** What is absent is 0. @throws EFI_INVALID_PARAMETER if an address has not 4 bytes */
export function ipv4Node(settings: Ipv4Settings): DevicePathNode {
  return packNode(
    MESSAGING_DEVICE_PATH,
    MSG_IPV4_DP,
    bytesField(settings.localIpAddress ?? ANY_IPV4, 4),
    bytesField(settings.remoteIpAddress, 4),
    uint16(settings.localPort ?? 0),
    uint16(settings.remotePort ?? 0),
    uint16(settings.protocol),
    uint8(settings.staticIpAddress),
    bytesField(settings.gatewayIpAddress ?? ANY_IPV4, 4),
    bytesField(settings.subnetMask ?? ANY_IPV4, 4),
  );
}

/** What an IPv6 node says (UEFI §10.3.4); addresses have 16 bytes. */
export interface Ipv6Settings {
  readonly localIpAddress?: Uint8Array;
  readonly remoteIpAddress: Uint8Array;
  readonly localPort?: number;
  readonly remotePort?: number;
  /** RFC 3232: 6 is TCP, 17 is UDP. */
  readonly protocol: number;
  /** 0: manual; 1: stateless auto-configuration; 2: stateful. */
  readonly ipAddressOrigin: number;
  /** In bits. */
  readonly prefixLength: number;
  readonly gatewayIpAddress?: Uint8Array;
}

/** What is absent is 0. @throws EFI_INVALID_PARAMETER if an address has not 16 bytes */
export function ipv6Node(settings: Ipv6Settings): DevicePathNode {
  return packNode(
    MESSAGING_DEVICE_PATH,
    MSG_IPV6_DP,
    bytesField(settings.localIpAddress ?? ANY_IPV6, 16),
    bytesField(settings.remoteIpAddress, 16),
    uint16(settings.localPort ?? 0),
    uint16(settings.remotePort ?? 0),
    uint16(settings.protocol),
    uint8(settings.ipAddressOrigin),
    uint8(settings.prefixLength),
    bytesField(settings.gatewayIpAddress ?? ANY_IPV6, 16),
  );
}
