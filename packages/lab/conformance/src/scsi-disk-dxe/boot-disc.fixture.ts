import { demoDisk, espOf } from '../boot/demo-disk.fixture.ts';
import { ToolImage } from '../partition-dxe/disk-tools.fixture.ts';

/**
 * A disc by xorriso, whose boot catalog (El Torito) has the EFI system partition of the demonstration
 * disk.
 */
export function bootDisc(): Uint8Array {
  using image = new ToolImage();
  const files = { 'esp.img': espOf(demoDisk()), 'readme.txt': new Uint8Array(4000) };
  image.mkisofs(files, '-e', 'esp.img', '-no-emul-boot');
  return image.bytes;
}
