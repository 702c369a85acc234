export * from './virtio-scsi-dxe.ts';
