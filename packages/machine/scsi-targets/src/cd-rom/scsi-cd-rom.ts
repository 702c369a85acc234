import type { BlockBackend } from '@dxelab/block-backends';
import { SCSI_MODE_PAGE_CD_CAPABILITIES, SCSI_TYPE_CDROM } from '@dxelab/scsi';
import type { BlockUnitOptions } from '../unit/block-unit.ts';
import { BlockUnit } from '../unit/block-unit.ts';
import { identificationPage } from '../unit/identification-pages.ts';
import { ModePages } from '../unit/mode-pages.ts';
import { integer, unitIdentity } from '../unit/unit-identity.ts';
import { CD_ROM_COMMANDS } from './cd-rom-commands.ts';
import { CD_ROM_MODE_PAGES, LOCK_STATE } from './cd-rom-mode-pages.ts';

/** A SCSI CD-ROM drive. */
export interface ScsiCdRomOptions extends BlockUnitOptions {
  /** The disc, such as an ISO image: whole blocks of 2048 bytes. Default: none yet. */
  readonly backend?: BlockBackend | undefined;
}

/** Bytes of a block of data (MMC-6). */
const BLOCK_SIZE = 2048;
const NO_DESCRIPTOR = new Uint8Array(0);
/** In blocks: nearly 2 GiB. */
const MAX_TRANSFER_LENGTH = 2 ** 20 - 1;

/** A CD-ROM drive that reads discs of one track of data (MMC-6); a large one is a DVD. */
export class ScsiCdRom extends BlockUnit {
  /** @throws MachineSetupError for options that no drive can have */
  constructor(options: ScsiCdRomOptions = {}) {
    const identity = unitIdentity(options, {
      name: 'scsi-cd-rom',
      deviceType: SCSI_TYPE_CDROM,
      removable: true,
      product: 'SCSI CD-ROM',
    });
    super({
      identity,
      backend: options.backend,
      modePages: new ModePages(CD_ROM_MODE_PAGES),
      commands: CD_ROM_COMMANDS,
      blockSize: BLOCK_SIZE,
      physicalBlockExponent: 0,
      readOnly: true,
      canUnmap: false,
      maxTransferLength: MAX_TRANSFER_LENGTH,
      spinUp: integer(identity.name, 'spinUp', options.spinUp ?? 0, 0, 0xffff_ffff),
      status: options.status,
    });
  }

  override setRemovalPrevented(prevented: boolean): void {
    super.setRemovalPrevented(prevented);
    const page = this.modePages.find(SCSI_MODE_PAGE_CD_CAPABILITIES)?.current;
    const { at, mask } = LOCK_STATE;
    if (page !== undefined) page[at] = ((page[at] ?? 0) & ~mask) | (prevented ? mask : 0);
  }

  /** A CD-ROM drive says nothing here (MMC-6). */
  modeDeviceSpecific(): number {
    return 0;
  }

  modeBlockDescriptor(): Uint8Array {
    return NO_DESCRIPTOR;
  }

  vitalProductData(pageCode: number): Uint8Array | undefined {
    return identificationPage(this.identity, pageCode, []);
  }
}
