export * from './file-backend.ts';
export * from './find-qemu.ts';
export * from './host-error.ts';
export * from './node-host.ts';
export * from './open-disk.ts';
export * from './replace-file.ts';
