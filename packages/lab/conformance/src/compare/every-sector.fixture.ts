import type { EfiBlockIo, EfiBootServices, EfiHandle } from '@dxelab/uefi';
import { BlockIoProtocol } from '@dxelab/uefi';
import { application, bootOsPatiently } from '../boot/programs.fixture.ts';

const MIB = 2 ** 20;
const BLOCK = 512;
/** The disk that is written to; the loader is on another. */
export const SCRATCH = 64 * MIB;
/** So many sectors are also read one by one. */
const SINGLE = 8;

/** An OS loader that first writes, flushes, disconnects, reconnects and reads every sector of the scratch disk. */
export const everySector = application((running) => {
  const { bs } = running;
  const before = scratchDisk(bs);
  for (let at = 0; at < SCRATCH; at += MIB) {
    before.blockIo.writeBlocks(before.blockIo.media.mediaId, at / BLOCK, contentAt(at));
  }
  before.blockIo.flushBlocks();
  bs.disconnectController(before.handle);
  bs.connectController(before.handle, undefined, undefined, true);
  const { blockIo } = scratchDisk(bs);
  const { mediaId } = blockIo.media;
  const target = new Uint8Array(MIB);
  for (let at = 0; at < SCRATCH; at += MIB) {
    blockIo.readBlocks(mediaId, at / BLOCK, target);
    expectSame(target, contentAt(at), at);
  }
  const sector = new Uint8Array(BLOCK);
  for (let lba = 0; lba < SINGLE; lba++) {
    blockIo.readBlocks(mediaId, lba, sector);
    expectSame(sector, contentAt(0).subarray(lba * BLOCK, (lba + 1) * BLOCK), lba * BLOCK);
  }
  bootOsPatiently(running);
});

/** What is written from a position on, of which each MiB is another. */
function contentAt(position: number): Uint8Array {
  const content = new Uint8Array(MIB);
  const view = new DataView(content.buffer);
  for (let at = 0; at < MIB; at += BLOCK) view.setUint32(at, position + at, true);
  return content;
}

function scratchDisk(bs: EfiBootServices): { handle: EfiHandle; blockIo: EfiBlockIo } {
  for (const handle of bs.locateHandleBuffer({ type: 'ByProtocol', protocol: BlockIoProtocol })) {
    const blockIo = bs.handleProtocol(handle, BlockIoProtocol);
    if (blockIo.media.lastBlock === SCRATCH / BLOCK - 1) return { handle, blockIo };
  }
  throw new Error('there is no scratch disk');
}

function expectSame(came: Uint8Array, expected: Uint8Array, position: number): void {
  if (Buffer.compare(came, expected) === 0) return;
  throw new Error(`what was written at ${position} was not read back`);
}
