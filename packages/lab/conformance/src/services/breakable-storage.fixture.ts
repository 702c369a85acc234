import { EfiError } from '@dxelab/uefi';
import { MemoryStorage } from '@dxelab/variable-runtime-dxe';

/** A flash that can be made to fail. */
export class BreakableStorage extends MemoryStorage {
  isBroken = false;

  override write(offset: number, bytes: Uint8Array): void {
    if (this.isBroken) throw new EfiError('EFI_DEVICE_ERROR', 'the flash takes no more');
    super.write(offset, bytes);
  }
}
