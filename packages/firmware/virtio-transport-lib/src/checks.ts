import { EfiError } from '@dxelab/uefi';
import { VIRTIO_PAGE_SIZE } from '@dxelab/virtio';

/**
 * SetPageSize and SetQueueAlign know one value.
 * @param what to name in the error
 * @throws EFI_UNSUPPORTED unless `value` is 4096
 */
export function require4096(what: string, value: number): void {
  if (value === VIRTIO_PAGE_SIZE) return;
  throw new EfiError('EFI_UNSUPPORTED', `${what} is ${VIRTIO_PAGE_SIZE}, not ${value}`);
}

/** SetQueueNum where the device has another size, or a smaller largest one. */
export function badQueueSize(queueSize: number, offered: number): EfiError {
  return new EfiError('EFI_UNSUPPORTED', `a queue of ${queueSize} where the device has ${offered}`);
}

/** ReadDevice and WriteDevice of a field that the types do not allow, from a driver without them. */
export function badFieldSize(fieldSize: never): EfiError {
  return new EfiError(
    'EFI_INVALID_PARAMETER',
    `a field of the configuration has 1, 2 or 4 bytes, not ${String(fieldSize)}`,
  );
}

/** What a legacy transport can carry of a device's features. @throws EFI_UNSUPPORTED above bit 31 */
export function legacyFeatures(features: bigint): number {
  if (features < 1n << 32n) return Number(features);
  throw new EfiError(
    'EFI_UNSUPPORTED',
    `a legacy device has 32 feature bits, and 0x${features.toString(16)} needs more`,
  );
}

/**
 * What a legacy device is told of a ring: which page it begins in (virtio §4.1.5.1.3.1, §4.2.4).
 * @throws EFI_UNSUPPORTED unless 32 bits hold the number of the page
 */
export function queuePageNumber(ringAddress: number): number {
  const page = ringAddress / VIRTIO_PAGE_SIZE;
  if (page === page >>> 0) return page;
  throw new EfiError(
    'EFI_UNSUPPORTED',
    `a legacy device has rings in whole pages below 2^44, not at 0x${ringAddress.toString(16)}`,
  );
}
