import type { DxeModule } from '@dxelab/uefi-lib';
import { virtioBlkDxeWith } from './virtio-blk-dxe.ts';
import * as virtioLib from './virtio-lib.ts';

/** VirtioBlkDxe on the VirtioLib of before April 2013. */
export const before: DxeModule = virtioBlkDxeWith(virtioLib);
