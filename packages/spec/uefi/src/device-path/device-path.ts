import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/**
 * A device path in its binary form (UEFI §10.3): packed nodes, ending with an End Entire node. It is
 * never changed in place.
 */
export type DevicePath = Uint8Array;

/** By which EFI_DEVICE_PATH_PROTOCOL (UEFI §10.2) is found. */
export const DevicePathProtocol: Protocol<DevicePath> = defineProtocol(
  'DevicePath',
  '09576e91-6d3f-11d2-8e39-00a0c969723b',
);
