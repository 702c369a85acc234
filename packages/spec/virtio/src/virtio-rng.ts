/** The one queue of an entropy device (virtio §5.4.2). It has neither feature bits nor a configuration. */
export const VIRTIO_RNG_REQUESTQ = 0;
