/**
 * Keeps notifications out while a volume is at work. EDK II has one for all its FAT volumes (FatFsLock,
 * at TPL_CALLBACK: FatPkg/EnhancedFatDxe/Misc.c).
 */
export interface VolumeLock {
  acquire(): void;
  release(): void;
}

/** For a volume outside of a firmware, where nothing can come in between. */
export const NO_LOCK: VolumeLock = {
  acquire() {
    // Nobody to keep out.
  },
  release() {
    // Nobody to let in.
  },
};
