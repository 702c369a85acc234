export * from './file-backend.ts';
export * from './host-error.ts';
export * from './load-module.ts';
export * from './open-disk.ts';
