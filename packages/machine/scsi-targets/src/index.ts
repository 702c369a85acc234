export * from './buffer-task.ts';
export * from './cd-rom/scsi-cd-rom.ts';
export * from './disk/scsi-disk-options.ts';
export * from './disk/scsi-disk.ts';
export * from './scsi-logical-unit.ts';
export * from './scsi-task.ts';
export * from './target/scsi-target.ts';
export { scsiResult } from './unit/running-command.ts';
