import type { DxeModule } from '@dxelab/uefi-lib';
import * as virtioLib from '@dxelab/virtio-lib';
import { virtioBlkDxeWith } from './virtio-blk-dxe.ts';

/** The same driver on the real VirtioLib. */
export const after: DxeModule = virtioBlkDxeWith(virtioLib);
