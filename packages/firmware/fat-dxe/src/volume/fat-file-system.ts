import type { EfiFile, EfiSimpleFileSystem } from '@dxelab/uefi';
import { EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_REVISION } from '@dxelab/uefi';
import { FatFile } from './fat-file.ts';
import type { FatVolume } from './fat-volume.ts';

/** EFI_SIMPLE_FILE_SYSTEM_PROTOCOL of a volume. FatPkg/EnhancedFatDxe/OpenVolume.c; UEFI §13.4. */
export class FatFileSystem implements EfiSimpleFileSystem {
  readonly revision: number = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_REVISION;
  readonly volume: FatVolume;

  constructor(volume: FatVolume) {
    this.volume = volume;
  }

  openVolume(): EfiFile {
    const { volume } = this;
    volume.lock.acquire();
    try {
      volume.disk.check();
      // A root that cannot be read is better known now than at the first file.
      volume.tree.root.directory.find('.');
      volume.finishCall();
      return new FatFile(volume, volume.tree.root, false);
    } finally {
      volume.lock.release();
    }
  }
}
