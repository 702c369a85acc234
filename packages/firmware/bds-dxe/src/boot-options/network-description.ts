import type { DevicePath, DevicePathNode } from '@dxelab/uefi';
import {
  devicePathNodes,
  isDevicePathNode,
  MESSAGING_DEVICE_PATH,
  MSG_DNS_DP,
  MSG_IPV4_DP,
  MSG_IPV6_DP,
  MSG_MAC_ADDR_DP,
  MSG_URI_DP,
  MSG_VLAN_DP,
  MSG_WIFI_DP,
} from '@dxelab/uefi';

/** Of the nodes of a MAC address and of a VLAN: what comes behind the header. */
const PAYLOAD = 4;
const MAC_LENGTH = 6;

/**
 * What EDK II calls a device that boots over a network, such as `HTTPv6 (MAC:525400123456 VLAN5)`: by its path alone.
 * BmGetNetworkDescription of UefiBootManagerLib/BmBootDescription.c.
 * @returns `undefined` for a path without a MAC address
 */
export function networkDescription(path: DevicePath): string | undefined {
  const nodes = [...devicePathNodes(path)];
  const at = nodes.findIndex((node) => isOf(node, MSG_MAC_ADDR_DP));
  const [mac, ...others] = at === -1 ? [] : nodes.slice(at);
  if (mac === undefined) return undefined;
  const take = (...subTypes: readonly number[]): DevicePathNode | undefined =>
    subTypes.some((subType) => isOf(others[0], subType)) ? others.shift() : undefined;
  const vlan = take(MSG_VLAN_DP);
  take(MSG_WIFI_DP);
  const ip = take(MSG_IPV4_DP, MSG_IPV6_DP);
  take(MSG_DNS_DP);
  const uri = take(MSG_URI_DP);
  const address = [...mac.subarray(PAYLOAD, PAYLOAD + MAC_LENGTH)]
    .map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
    .join('');
  const kind = `${uri === undefined ? 'PXE' : 'HTTP'}v${isOf(ip, MSG_IPV6_DP) ? 6 : 4}`;
  return `${kind} (MAC:${address}${vlan === undefined ? '' : ` VLAN${numberOf(vlan)}`})`;
}

function isOf(node: DevicePathNode | undefined, subType: number): boolean {
  return node !== undefined && isDevicePathNode(node, MESSAGING_DEVICE_PATH, subType);
}

function numberOf(vlan: DevicePathNode): number {
  return (vlan[PAYLOAD] ?? 0) + (vlan[PAYLOAD + 1] ?? 0) * 0x100;
}
