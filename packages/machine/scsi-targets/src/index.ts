export * from './scsi-logical-unit.ts';
export * from './scsi-task.ts';
