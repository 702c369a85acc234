import { OverlayBackend, SparseBackend } from '@dxelab/virtio-devices';
import type { BlockBackend } from '@dxelab/virtio-devices';
import type { OpenDisk } from '../host.ts';
import type { ImageData } from '../scenario.ts';

/** A disk that is open. */
export interface PreparedDisk {
  readonly backend: BlockBackend;
  /** Whether writes go to the backend itself. */
  readonly writable: boolean;
}

/** Opens what a disk holds. */
export function openImage(
  image: ImageData,
  writable: boolean,
  resources: { openDisk(image: string, writable: boolean): OpenDisk },
): PreparedDisk {
  if (typeof image === 'string') {
    return { backend: resources.openDisk(image, writable).backend, writable };
  }
  if ('zeros' in image) return { backend: new SparseBackend(image.zeros), writable: false };
  return { backend: image, writable };
}

/** The disk itself, or, unless it is to be changed, a copy-on-write overlay for one boot. */
export function backendFor({ backend, writable }: PreparedDisk): BlockBackend {
  return writable ? backend : new OverlayBackend(backend);
}
