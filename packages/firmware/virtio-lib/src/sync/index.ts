export * from './virtio-sync-init.ts';
export * from './virtio-sync-queue.ts';
