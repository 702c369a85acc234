export * from './constants.ts';
export * from './virtio-blk.ts';
export * from './virtio-device-protocol.ts';
export * from './virtio-mmio-path.ts';
export * from './virtio-mmio.ts';
export * from './virtio-pci-legacy.ts';
export * from './virtio-pci.ts';
export * from './vring.ts';
