export * from './virtio-append-desc.ts';
export * from './virtio-flush.ts';
export * from './virtio-init.ts';
export * from './virtio-map-all-bytes.ts';
export * from './virtio-ring-init.ts';
export * from './virtio-ring.ts';
export * from './virtio-supported.ts';
export * from './virtio10-write-features.ts';
