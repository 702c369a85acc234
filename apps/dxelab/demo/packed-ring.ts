import { VIRTIO_F_EVENT_IDX, VIRTIO_F_RING_PACKED } from '@dxelab/virtio';
import { virtioBlkDxeWith } from '@dxelab/virtio-blk-dxe';

/** VirtioBlkDxe, which asks for a packed ring with event indices where it can have them. */
export const module = virtioBlkDxeWith({
  ring: { wants: VIRTIO_F_RING_PACKED | VIRTIO_F_EVENT_IDX },
});
