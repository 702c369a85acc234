export * from './scsi-disk-dxe.ts';
