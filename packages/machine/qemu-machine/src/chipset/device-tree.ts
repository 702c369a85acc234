import type { RamStorage } from '@dxelab/platform';
import type { GuestBuffer } from '@dxelab/uefi';
import { QemuError } from '../qemu-error.ts';
import type { QtestLink } from '../qtest/qtest-link.ts';
import { FwCfg } from './fw-cfg.ts';
import type { RamPiece } from './ram-layout.ts';

const PAGE = 0x1000;
const FOUR_GIB = 0x1_0000_0000;
const TREE = 'etc/fdt';
/** A page that the firmware finds as it would find any RAM: with something in it. */
const SCRATCH = 0x1_0000;

/**
 * Takes microvm's device tree from QEMU and puts it at the end of the RAM below 4 GiB, as PEI would.
 * QEMU writes it; in it are the virtio transports that have a device.
 * @throws QemuError `unsuitable` if QEMU has none
 */
export function loadDeviceTree(
  ram: RamStorage,
  pieces: readonly RamPiece[],
  link: QtestLink,
): GuestBuffer {
  const fwCfg = new FwCfg(link, ram, SCRATCH);
  const file = fwCfg.find(TREE);
  if (file === undefined) throw new QemuError('unsuitable', `QEMU's microvm has no ${TREE}`);
  const end = Math.max(...pieces.map((piece) => piece.end).filter((at) => at <= FOUR_GIB));
  const address = Math.floor((end - file.size) / PAGE) * PAGE;
  fwCfg.load(file, address);
  return { address, length: file.size };
}
