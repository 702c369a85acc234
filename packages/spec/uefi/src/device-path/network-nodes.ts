import { EfiError } from '../status/efi-error.ts';
import type { Guid } from '../guid.ts';
import type { DevicePathNode } from './node.ts';
import {
  bytesField,
  char8Field,
  guidField,
  packNode,
  uint16,
  uint32,
  uint64,
  uint8,
} from './node.ts';
import {
  MESSAGING_DEVICE_PATH,
  MSG_BLUETOOTH_DP,
  MSG_BLUETOOTH_LE_DP,
  MSG_DNS_DP,
  MSG_INFINIBAND_DP,
  MSG_ISCSI_DP,
  MSG_NVME_OF_NAMESPACE_DP,
  MSG_REST_SERVICE_DP,
  MSG_WIFI_DP,
} from './node-types.ts';
import { utf8Field } from './utf8.ts';

// Messaging nodes of what is reached over a network (UEFI §10.3.4); IP addresses stand in ip-nodes.ts.
// Every constructor throws EFI_INVALID_PARAMETER for a value too wide.

/** What an Infiniband node says (UEFI §10.3.4.15). */
export interface Infiniband {
  /** Bit 0: 0 an I/O controller, 1 a service; bits 1 to 4: boot, console, storage, network. */
  readonly resourceFlags: number;
  /** The global identifier of the remote port, 16 bytes. */
  readonly portGid: Uint8Array;
  /** Of the I/O controller or of the service, as bit 0 of the flags says. */
  readonly serviceId: number | bigint;
  readonly targetPortId: number | bigint;
  readonly deviceId: number | bigint;
}

export function infinibandNode(settings: Infiniband): DevicePathNode {
  return packNode(
    MESSAGING_DEVICE_PATH,
    MSG_INFINIBAND_DP,
    uint32(settings.resourceFlags),
    bytesField(settings.portGid, 16),
    uint64(settings.serviceId),
    uint64(settings.targetPortId),
    uint64(settings.deviceId),
  );
}

/** Login options of an iSCSI node (UEFI §10.3.4.20). CHAP in both directions is 0. */
export const ISCSI_HEADER_DIGEST_CRC32C = 0x0002;
export const ISCSI_DATA_DIGEST_CRC32C = 0x0008;
export const ISCSI_AUTHENTICATION_NONE = 0x0800;
export const ISCSI_AUTHENTICATION_CHAP_UNI = 0x1000;

/** What an iSCSI node says (UEFI §10.3.4.20). */
export interface Iscsi {
  /** Up to 223 characters, of 8 bits each. */
  readonly targetName: string;
  readonly targetPortalGroupTag: number;
  /** 8 bytes, as SCSI writes them: the first is the most significant. */
  readonly lun: Uint8Array;
  readonly loginOptions: number;
  /** 0 is TCP, and nothing else is defined. */
  readonly networkProtocol?: number;
}

/** The name stands in the node with a NUL behind it, as in the specification's examples. */
export function iscsiNode(settings: Iscsi): DevicePathNode {
  return packNode(
    MESSAGING_DEVICE_PATH,
    MSG_ISCSI_DP,
    uint16(settings.networkProtocol ?? 0),
    uint16(settings.loginOptions),
    bytesField(settings.lun, 8),
    uint16(settings.targetPortalGroupTag),
    char8Field(settings.targetName),
    uint8(0),
  );
}

/** @param address the 48-bit address of the device, 6 bytes */
export function bluetoothNode(address: Uint8Array): DevicePathNode {
  return packNode(MESSAGING_DEVICE_PATH, MSG_BLUETOOTH_DP, bytesField(address, 6));
}

/** @param address of 6 bytes @param addressType 0 public, 1 random */
export function bluetoothLeNode(address: Uint8Array, addressType: number): DevicePathNode {
  return packNode(
    MESSAGING_DEVICE_PATH,
    MSG_BLUETOOTH_LE_DP,
    bytesField(address, 6),
    uint8(addressType),
  );
}

/** @param ssid up to 32 octets; zeros fill the rest */
export function wifiNode(ssid: Uint8Array): DevicePathNode {
  const padded = new Uint8Array(32);
  if (ssid.length > padded.length) {
    throw new EfiError('EFI_INVALID_PARAMETER', `an SSID of ${ssid.length} > 32 octets`);
  }
  padded.set(ssid);
  return packNode(MESSAGING_DEVICE_PATH, MSG_WIFI_DP, padded);
}

/**
 * The DNS servers of an interface.
 * @param addresses all of 4 bytes or all of 16
 */
export function dnsNode(...addresses: readonly Uint8Array[]): DevicePathNode {
  const length = addresses[0]?.length ?? 4;
  if (length !== 4 && length !== 16) {
    throw new EfiError('EFI_INVALID_PARAMETER', `an IP address has 4 or 16 bytes, not ${length}`);
  }
  // EFI_IP_ADDRESS has room for either kind
  const rest = new Uint8Array(16 - length);
  return packNode(
    MESSAGING_DEVICE_PATH,
    MSG_DNS_DP,
    uint8(length === 16 ? 1 : 0),
    ...addresses.flatMap((address) => [bytesField(address, length), rest]),
  );
}

/** The service type of a REST service that only its vendor knows. */
export const REST_SERVICE_VENDOR = 0xff;

/** @param service 1 Redfish, 2 OData @param accessMode 1 in-band, 2 out-of-band */
export function restServiceNode(service: number, accessMode: number): DevicePathNode {
  return packNode(MESSAGING_DEVICE_PATH, MSG_REST_SERVICE_DP, uint8(service), uint8(accessMode));
}

/** @param accessMode 1 in-band, 2 out-of-band */
export function vendorRestServiceNode(
  accessMode: number,
  vendor: Guid,
  data: Uint8Array = new Uint8Array(0),
): DevicePathNode {
  return packNode(
    MESSAGING_DEVICE_PATH,
    MSG_REST_SERVICE_DP,
    uint8(REST_SERVICE_VENDOR),
    uint8(accessMode),
    guidField(vendor),
    data,
  );
}

/** Types of namespace identifiers (NVM Express Base, CNS 03h). */
export const NVME_NIDT_EUI64 = 1;
export const NVME_NIDT_NGUID = 2;
export const NVME_NIDT_UUID = 3;

/** The subsystem NQN with its NUL has at most so many bytes (UEFI §10.3.4.32). */
const SUBSYSTEM_NQN_MAXIMUM = 224;

/**
 * A namespace that is reached over a fabric.
 * @param nid of 16 bytes, the most significant first; an EUI-64 takes the first 8
 * @param subsystemNqn of at most 223 bytes as UTF-8
 */
export function nvmeOfNamespaceNode(
  nidt: number,
  nid: Uint8Array,
  subsystemNqn: string,
): DevicePathNode {
  const nqn = utf8Field(subsystemNqn);
  if (nqn.length >= SUBSYSTEM_NQN_MAXIMUM) {
    throw new EfiError('EFI_INVALID_PARAMETER', `a subsystem NQN of ${nqn.length} > 223 bytes`);
  }
  return packNode(
    MESSAGING_DEVICE_PATH,
    MSG_NVME_OF_NAMESPACE_DP,
    uint8(nidt),
    bytesField(nid, 16),
    nqn,
    uint8(0),
  );
}
