import type { BlockBackend } from '@dxelab/block-backends';
import {
  SCSI_ASC_CAPACITY_DATA_HAS_CHANGED,
  SCSI_ASC_MEDIUM_MAY_HAVE_CHANGED,
  SCSI_ASC_MEDIUM_NOT_PRESENT,
} from '@dxelab/scsi';
import { BlockTransfer } from './block-transfer.ts';
import type { Outcome } from './outcome.ts';
import {
  BECOMING_READY,
  GOOD,
  INITIALIZING_COMMAND_REQUIRED,
  INVALID_FIELD_IN_CDB,
  LBA_OUT_OF_RANGE,
  MEDIUM_NOT_PRESENT,
  SOFTWARE_WRITE_PROTECTED,
  WRITE_PROTECTED,
} from './outcome.ts';
import type { ScsiStatusOf, ScsiUnitSettings } from './scsi-unit.ts';
import { ScsiUnit } from './scsi-unit.ts';
import type { UnitIdentityOptions } from './unit-identity.ts';
import { refuse } from './unit-identity.ts';

/** What all units with a medium can be told. */
export interface BlockUnitOptions extends UnitIdentityOptions {
  /** How many commands that need a medium find it becoming ready, after power-on, a start or a new medium. Default 0. */
  readonly spinUp?: number;
  /** To try a driver with: SCSI_STATUS_* of a command that shall not be done, such as BUSY or TASK SET FULL. */
  readonly status?: ScsiStatusOf;
}

/** What a unit with a medium is made of. */
export interface BlockUnitSettings extends ScsiUnitSettings {
  readonly backend: BlockBackend | undefined;
  /** Logical block, in bytes. */
  readonly blockSize: number;
  readonly readOnly: boolean;
  /** Blocks in a physical block, as a power of two. */
  readonly physicalBlockExponent: number;
  /** Whether UNMAP is there (SBC-4). */
  readonly canUnmap: boolean;
  /** Blocks that one command may move at most. */
  readonly maxTransferLength: number;
  readonly spinUp: number;
}

/** A unit with a medium of equal blocks: whether the medium is there and ready, and how large it is. */
export abstract class BlockUnit extends ScsiUnit {
  readonly transfer: BlockTransfer;
  readonly blockSize: number;
  readonly physicalBlockExponent: number;
  readonly canUnmap: boolean;
  readonly maxTransferLength: number;
  /** Capacity in blocks; 0 without a medium. */
  blocks: number;
  removalPrevented: boolean;
  /** Somebody pressed the button while removal was prevented (MMC-6). */
  ejectRequested: boolean;
  /** Another medium came, or the old one went, and nobody has been told of it by GET EVENT STATUS NOTIFICATION. */
  mediumEvent: boolean;
  trayOpen: boolean;
  private medium: BlockBackend | undefined;
  private readonly alwaysReadOnly: boolean;
  private readonly spinUp: number;
  private spinningUp: number;
  private stopped: boolean;
  /** Nothing above keeps a command waiting: the one thing that each looks at. */
  private ready: boolean;

  constructor(settings: BlockUnitSettings) {
    super(settings);
    this.blockSize = settings.blockSize;
    this.physicalBlockExponent = settings.physicalBlockExponent;
    this.canUnmap = settings.canUnmap;
    this.maxTransferLength = settings.maxTransferLength;
    this.transfer = new BlockTransfer(this.command, settings.blockSize);
    this.alwaysReadOnly = settings.readOnly;
    this.spinUp = settings.spinUp;
    this.spinningUp = settings.spinUp;
    this.blocks = 0;
    this.removalPrevented = false;
    this.ejectRequested = false;
    this.mediumEvent = false;
    this.trayOpen = false;
    this.stopped = false;
    this.ready = false;
    this.medium = undefined;
    if (settings.backend !== undefined) this.load(settings.backend);
    this.modeChanged();
  }

  /** The medium, in an open tray too. */
  get backend(): BlockBackend | undefined {
    return this.medium;
  }

  /** Whether the medium itself cannot be written. */
  get readOnly(): boolean {
    return this.alwaysReadOnly || (this.medium?.readOnly ?? false);
  }

  /**
   * Somebody puts a medium in, in place of the one that is there, and closes the tray.
   * @throws MachineSetupError for a medium that is no whole number of blocks, or a unit that is not removable
   */
  insert(backend: BlockBackend): void {
    this.checkRemovable();
    this.load(backend);
    this.trayOpen = false;
    this.mediumEvent = true;
    this.becomeReady();
    this.attention(SCSI_ASC_MEDIUM_MAY_HAVE_CHANGED);
  }

  /**
   * Somebody presses the button and takes the medium out.
   * @param options with `force` also if the initiator has prevented it
   * @returns whether it went: if not, the initiator hears of the wish
   * @throws MachineSetupError if the unit is not removable
   */
  eject(options: { readonly force?: boolean } = {}): boolean {
    this.checkRemovable();
    if (this.removalPrevented && options.force !== true) {
      this.ejectRequested = true;
      return false;
    }
    this.medium = undefined;
    this.trayOpen = true;
    this.mediumEvent = true;
    this.ejectRequested = false;
    this.update();
    this.onEvent?.({ code: SCSI_ASC_MEDIUM_NOT_PRESENT });
    return true;
  }

  /**
   * The disk has another size, or is another one of another size.
   * @throws MachineSetupError if it is no whole number of blocks
   */
  resize(backend: BlockBackend): void {
    this.load(backend);
    this.attention(SCSI_ASC_CAPACITY_DATA_HAS_CHANGED);
  }

  override reset(): void {
    this.setRemovalPrevented(false);
    this.ejectRequested = false;
    this.stopped = false;
    this.spinningUp = this.spinUp;
    this.update();
    super.reset();
  }

  modeChanged(): void {
    this.transfer.writeThrough = !this.modePages.writeCache;
  }

  readiness(): Outcome {
    if (this.ready) return GOOD;
    if (this.medium === undefined || this.trayOpen) return MEDIUM_NOT_PRESENT;
    if (this.stopped) return INITIALIZING_COMMAND_REQUIRED;
    this.spinningUp--;
    this.update();
    return BECOMING_READY;
  }

  /** PREVENT ALLOW MEDIUM REMOVAL (SBC-4). */
  setRemovalPrevented(prevented: boolean): void {
    this.removalPrevented = prevented;
  }

  /** START STOP UNIT (SBC-4): the medium turns, or not. */
  start(): void {
    if (this.stopped) this.becomeReady();
  }

  stop(): void {
    this.stopped = true;
    this.update();
  }

  /** The initiator moves the tray, and with it the medium that lies there. */
  moveTray(open: boolean): void {
    if (this.trayOpen === open) return;
    this.trayOpen = open;
    this.mediumEvent = true;
    this.ejectRequested = false;
    if (open || this.medium === undefined) this.update();
    else {
      this.becomeReady();
      this.attentions.raise(SCSI_ASC_MEDIUM_MAY_HAVE_CHANGED);
    }
  }

  /** GOOD, or why blocks `lba` to `lba + blocks - 1` cannot be moved by one command. */
  checkBlocks(lba: number, blocks: number, most: number): Outcome {
    if (lba + blocks > this.blocks) return LBA_OUT_OF_RANGE;
    return blocks > most ? INVALID_FIELD_IN_CDB : GOOD;
  }

  /** GOOD, or why nothing can be written. */
  checkWritable(): Outcome {
    if (this.readOnly) return WRITE_PROTECTED;
    return this.modePages.softwareWriteProtect ? SOFTWARE_WRITE_PROTECTED : GOOD;
  }

  private load(backend: BlockBackend): void {
    const { blockSize } = this;
    if (!Number.isSafeInteger(backend.size) || backend.size % blockSize !== 0 || !backend.size) {
      refuse(this.name, 'backend', `whole blocks of ${blockSize} bytes`, `${backend.size} bytes`);
    }
    this.medium = backend;
    this.update();
  }

  private becomeReady(): void {
    this.stopped = false;
    this.spinningUp = this.spinUp;
    this.update();
  }

  private update(): void {
    const present = this.medium !== undefined && !this.trayOpen;
    this.blocks = present && this.medium ? this.medium.size / this.blockSize : 0;
    if (this.medium === undefined) this.transfer.removeMedium();
    else this.transfer.backend = this.medium;
    this.ready = present && !this.stopped && this.spinningUp === 0;
  }

  private checkRemovable(): void {
    if (!this.identity.removable) refuse(this.name, 'removable', 'true', false);
  }
}
