import type { DevicePath, DevicePathNode } from '@dxelab/uefi';
import {
  devicePath,
  devicePathNodes,
  devicePathsEqual,
  isDevicePathNode,
  MESSAGING_DEVICE_PATH,
  MSG_DNS_DP,
  MSG_IPV4_DP,
  MSG_IPV6_DP,
  MSG_URI_DP,
} from '@dxelab/uefi';

/** Nodes that a boot over HTTP fills in: of one kind in both paths, they may differ. */
const FILLED_IN = [MSG_IPV4_DP, MSG_IPV6_DP, MSG_URI_DP];

/**
 * Whether two paths mean the same boot over HTTP (UEFI §3.1.2, §24.7): addresses and URI may differ, and
 * one of them may name DNS servers. BmMatchHttpBootDevicePath() of UefiBootManagerLib.
 */
export function matchHttpBoot(left: DevicePath, right: DevicePath): boolean {
  const [nodes, others] = [nodesOf(left), nodesOf(right)];
  return (
    nodes.length === others.length &&
    nodes.every((node, at) => {
      const other = others[at] ?? node;
      return devicePathsEqual(devicePath(node), devicePath(other)) || areFilledIn(node, other);
    })
  );
}

function nodesOf(path: DevicePath): readonly DevicePathNode[] {
  return [...devicePathNodes(path)].filter(
    (node) => !isDevicePathNode(node, MESSAGING_DEVICE_PATH, MSG_DNS_DP),
  );
}

function areFilledIn(left: DevicePathNode, right: DevicePathNode): boolean {
  return FILLED_IN.some(
    (subType) =>
      isDevicePathNode(left, MESSAGING_DEVICE_PATH, subType) &&
      isDevicePathNode(right, MESSAGING_DEVICE_PATH, subType),
  );
}
