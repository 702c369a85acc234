import {
  BlockIoProtocol,
  EFI_PAGE_SIZE,
  EVT_NOTIFY_SIGNAL,
  guid,
  TPL_CALLBACK,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { DEBUG_INFO } from '@dxelab/uefi-lib';

const LBA = 585_792;
const SIZE = 32_768;
const READS = 3;

/** Reads the same 64 sectors three times, and says each time which checksum they have. */
export const checksum: DxeModule = {
  name: 'Checksum',
  fileGuid: guid('64e1ab00-0000-4000-8000-000000000013'),
  moduleType: 'DXE_DRIVER',
  depex: { op: 'TRUE' },
  entryPoint(_imageHandle, { bootServices: bs }, { debug, ram }) {
    const pages = SIZE / EFI_PAGE_SIZE;
    const address = bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', pages);
    const bytes = new Uint8Array(SIZE);
    const installed = bs.createEvent(
      EVT_NOTIFY_SIGNAL,
      TPL_CALLBACK,
      () => {
        const blockIo = bs.locateProtocol(BlockIoProtocol, registration);
        for (let read = 0; read < READS; read++) {
          ram.fill(address, SIZE, 0);
          blockIo.readBlocks(blockIo.media.mediaId, LBA, { address, length: SIZE });
          ram.readBytes(address, bytes);
          const crc32 = bs.calculateCrc32(bytes).toString(16).toUpperCase().padStart(8, '0');
          const what = `Lba=${LBA} BufSiz=${SIZE} ReqIsWrite=0 Crc32=${crc32}`;
          debug.debug(DEBUG_INFO, `SynchronousRequest ${what}`);
        }
      },
      undefined,
    );
    const registration = bs.registerProtocolNotify(BlockIoProtocol, installed);
  },
};
