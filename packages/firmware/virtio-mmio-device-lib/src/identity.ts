import { EfiError } from '@dxelab/uefi';
import {
  VIRTIO_MMIO,
  VIRTIO_MMIO_MAGIC,
  VIRTIO_MMIO_VERSION_1_0,
  VIRTIO_MMIO_VERSION_LEGACY,
} from '@dxelab/virtio';
import type { VirtioMmioQuirks } from './quirks.ts';
import type { MmioRegisters } from './registers.ts';

/** What stands at an address that is said to have a virtio device. */
export interface MmioIdentity {
  /** Of the transport: version 1. */
  readonly legacy: boolean;
  /** The virtio device type. */
  readonly deviceType: number;
}

/**
 * Asks the registers who they are (virtio §4.2.2, §4.2.3.1.1).
 * @throws EFI_UNSUPPORTED for no virtio device, or one of a version that is not known; EFI_NOT_FOUND for
 *   a placeholder, where a device could be and is not
 */
export function readMmioIdentity(
  registers: MmioRegisters,
  { deviceIdFirst, placeholderInstalled }: VirtioMmioQuirks,
): MmioIdentity {
  const early = deviceIdFirst ? registers.read32(VIRTIO_MMIO.deviceId) : undefined;
  const magic = registers.read32(VIRTIO_MMIO.magicValue);
  if (magic !== VIRTIO_MMIO_MAGIC) {
    throw new EfiError(
      'EFI_UNSUPPORTED',
      `the magic value of virtio is 0x${VIRTIO_MMIO_MAGIC.toString(16)}, not 0x${magic.toString(16)}`,
    );
  }
  const version = registers.read32(VIRTIO_MMIO.version);
  if (version !== VIRTIO_MMIO_VERSION_LEGACY && version !== VIRTIO_MMIO_VERSION_1_0) {
    throw new EfiError('EFI_UNSUPPORTED', `virtio on MMIO has version 1 or 2, not ${version}`);
  }
  const deviceType = early ?? registers.read32(VIRTIO_MMIO.deviceId);
  if (deviceType === 0 && !placeholderInstalled) {
    throw new EfiError('EFI_NOT_FOUND', 'there is no virtio device: its DeviceID is 0');
  }
  return { legacy: version === VIRTIO_MMIO_VERSION_LEGACY, deviceType };
}
