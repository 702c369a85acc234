export * from './virtio-rng-dxe.ts';
