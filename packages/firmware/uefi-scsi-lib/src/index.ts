export * from './block-commands.ts';
export * from './commands.ts';
export * from './scsi-command.ts';
