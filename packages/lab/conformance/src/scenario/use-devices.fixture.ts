import { crc32 } from 'node:zlib';
import type { EfiBootServices, Protocol } from '@dxelab/uefi';
import {
  BlockIoProtocol,
  EFI_RNG_ALGORITHM_RAW,
  EVT_NOTIFY_SIGNAL,
  guid,
  RngProtocol,
  TPL_CALLBACK,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { DEBUG_INFO } from '@dxelab/uefi-lib';

/** What a disk of this test holds: no two sectors are alike. */
export const DISK: Uint8Array = Uint8Array.from(
  { length: 2 ** 18 },
  (_, at) => (at * 7 + (at >> 9) * 13) & 0xff,
);

/** Some sizes, in bytes. */
const PIECES = [512, 4096, 512, 65_536, 1024];
const ROUNDS = 12;

/** Reads each disk and asks each source of entropy as soon as it is there, and says with DEBUG what came. */
export const useDevices: DxeModule = {
  name: 'UseDevices',
  fileGuid: guid('64e1ab00-0000-4000-8000-000000000601'),
  moduleType: 'DXE_DRIVER',
  depex: { op: 'TRUE' },
  entryPoint(_imageHandle, { bootServices: bs }, { debug }) {
    const say = (message: string): void => debug.debug(DEBUG_INFO, message);
    whenever(bs, BlockIoProtocol, (blockIo) => {
      if (blockIo.media.logicalPartition) return;
      const read: Uint8Array[] = [];
      for (let lba = 0, round = 0; round < ROUNDS; round++) {
        const piece = new Uint8Array(PIECES[round % PIECES.length] ?? 512);
        blockIo.readBlocks(blockIo.media.mediaId, lba, piece);
        read.push(piece);
        lba += piece.length / 512;
      }
      blockIo.flushBlocks();
      const all = Buffer.concat(read);
      const right = crc32(all) === crc32(DISK.subarray(0, all.length));
      say(`${all.length} bytes of a disk, ${right ? 'right' : 'wrong'}`);
    });
    whenever(bs, RngProtocol, (rng) => {
      const bytes = new Uint8Array(5000);
      rng.getRng(EFI_RNG_ALGORITHM_RAW, bytes);
      say(`${bytes.length} bytes of entropy, ${new Set(bytes).size > 200 ? 'right' : 'wrong'}`);
    });
  },
};

/** What it says of one disk behind VirtioBlkDxe, one behind VirtioScsiDxe, and a source of entropy. */
export const ALL_RIGHT: readonly string[] = [
  '147968 bytes of a disk, right',
  '147968 bytes of a disk, right',
  '5000 bytes of entropy, right',
];

function whenever<Interface>(
  bs: EfiBootServices,
  protocol: Protocol<Interface>,
  use: (installed: Interface) => void,
): void {
  const installed = bs.createEvent(
    EVT_NOTIFY_SIGNAL,
    TPL_CALLBACK,
    () => use(bs.locateProtocol(protocol, registration)),
    undefined,
  );
  const registration = bs.registerProtocolNotify(protocol, installed);
}
