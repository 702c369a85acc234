export * from './virtio-blk-dxe.ts';
