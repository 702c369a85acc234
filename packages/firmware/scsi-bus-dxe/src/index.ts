export * from './scsi-bus-dxe.ts';
