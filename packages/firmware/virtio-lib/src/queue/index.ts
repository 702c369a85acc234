export * from './ring-features.ts';
export * from './virtio-queue-flush.ts';
export * from './virtio-queue-init.ts';
export * from './virtio-queue.ts';
