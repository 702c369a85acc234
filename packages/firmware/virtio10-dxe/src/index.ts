export * from './virtio10-dxe.ts';
