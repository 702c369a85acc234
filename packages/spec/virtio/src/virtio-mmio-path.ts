import type { DevicePathNode, Guid, PhysicalAddress } from '@dxelab/uefi';
import { guid, vendorHardwareNode } from '@dxelab/uefi';

/** gVirtioMmioTransportGuid (OvmfPkg/Include/Guid/VirtioMmioTransport.h). */
export const VIRTIO_MMIO_TRANSPORT_GUID: Guid = guid('837dca9e-e874-4d82-b29a-23fe0e23d1e2');

/**
 * The device path node of a device on MMIO: `VenHw(837DCA9E-…,003E000A00000000)`, the address
 * little-endian.
 */
export function virtioMmioNode(baseAddress: PhysicalAddress): DevicePathNode {
  const data = new Uint8Array(8);
  new DataView(data.buffer).setBigUint64(0, BigInt(baseAddress), true);
  return vendorHardwareNode(VIRTIO_MMIO_TRANSPORT_GUID, data);
}
