import type { HostBuffer } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { VirtioDevice, VirtioMapOperation, VirtioMapping } from '@dxelab/virtio';

/**
 * VirtioMapAllBytesInSharedBuffer: maps a buffer whole, or not at all.
 * @param numberOfBytes of `host`, from its beginning
 * @throws EFI_OUT_OF_RESOURCES if only a part could be mapped; what MapSharedBuffer throws
 */
export function virtioMapAllBytesInSharedBuffer(
  virtIo: VirtioDevice,
  operation: VirtioMapOperation,
  host: HostBuffer,
  numberOfBytes: number,
): VirtioMapping {
  const mapping = virtIo.mapSharedBuffer(operation, host, numberOfBytes);
  if (mapping.numberOfBytes < numberOfBytes) {
    virtIo.unmapSharedBuffer(mapping);
    throw new EfiError(
      'EFI_OUT_OF_RESOURCES',
      `${numberOfBytes} bytes to be mapped in one range, but only ${mapping.numberOfBytes} could be`,
    );
  }
  return mapping;
}
