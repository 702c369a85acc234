export * from './fat-dxe.ts';
export type { FatPolicy } from './fat-policy.ts';
export { fatPolicy } from './fat-policy.ts';
export { FAT_EPOCH } from './layout/fat-time.ts';
export { FatFileSystem } from './volume/fat-file-system.ts';
export type { FatEnvironment } from './volume/fat-volume.ts';
export { FatVolume } from './volume/fat-volume.ts';
export type { VolumeLock } from './volume/volume-lock.ts';
export { NO_LOCK } from './volume/volume-lock.ts';
