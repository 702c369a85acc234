export * from './file-backend.ts';
export * from './host-error.ts';
export * from './node-host.ts';
export * from './open-disk.ts';
