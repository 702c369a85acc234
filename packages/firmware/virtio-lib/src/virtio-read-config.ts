import { EfiError } from '@dxelab/uefi';
import type { VirtioQueueAccess } from '@dxelab/virtio';
import { VIRTIO_F_RING_PACKED } from '@dxelab/virtio';

/** A device that changes its configuration as often as this while it is read will not stop. */
const MOST_READS = 100;

/**
 * Reads several fields of a device's configuration that belong together: again, if the device has changed
 * any of it meanwhile (virtio §2.5.1). What `read` throws counts only if it saw one configuration.
 * @param access without it, or over a legacy interface, there is no generation, and it is read once
 * @throws EFI_DEVICE_ERROR if the configuration does not come to rest
 */
export function virtioReadConfig<Config>(
  access: VirtioQueueAccess | undefined,
  read: () => Config,
): Config {
  // only where there are 64 bits of features is there a generation
  if (access === undefined || (access.ringFeatures & VIRTIO_F_RING_PACKED) === 0n) return read();
  for (let reads = 0; reads < MOST_READS; reads += 1) {
    const before = access.getConfigGeneration();
    try {
      const config = read();
      if (access.getConfigGeneration() === before) return config;
    } catch (caught) {
      if (access.getConfigGeneration() === before) throw caught;
    }
  }
  const message = `the device has changed its configuration ${MOST_READS} times while it was read`;
  throw new EfiError('EFI_DEVICE_ERROR', message);
}
