import {
  VIRTIO_F_ANY_LAYOUT,
  VIRTIO_F_VERSION_1,
  VIRTIO_SCSI_CDB_SIZE,
  VIRTIO_SCSI_F_INOUT,
  VIRTIO_SCSI_REQ,
  VIRTIO_SCSI_RESP,
  VIRTIO_SCSI_SENSE_SIZE,
} from '@dxelab/virtio';
import type { VirtioDeviceHost } from '../../core/virtio-device-model.ts';
import type { DescriptorChain } from '../../queue/descriptor-chain.ts';
import type { PendingCommand, PendingCommands } from './pending-commands.ts';
import { ScsiCommandExecutor } from './scsi-command-executor.ts';
import { VirtioScsiAddress } from './virtio-scsi-address.ts';
import type { VirtioScsiSettings } from './virtio-scsi-options.ts';
import type { VirtioScsiUnits } from './virtio-scsi-units.ts';

const { id: ID, cdb: CDB } = VIRTIO_SCSI_REQ;
const { sense: SENSE } = VIRTIO_SCSI_RESP;

/** What QEMU takes at most, too. */
const MAX_CDB_SIZE = 0xff;
const MAX_SENSE_SIZE = 0xffff;

/** The request queues: which commands there are, and when they are carried out (virtio §5.6.6.1). */
export class VirtioScsiRequests {
  /** As the driver wants them (virtio §5.6.4). */
  senseSize: number = VIRTIO_SCSI_SENSE_SIZE;
  cdbSize: number = VIRTIO_SCSI_CDB_SIZE;
  private readonly settings: VirtioScsiSettings;
  private readonly pending: PendingCommands;
  private readonly executor: ScsiCommandExecutor;
  private readonly address = new VirtioScsiAddress();
  private owner: VirtioDeviceHost | undefined;
  /** Whether each header is to be one descriptor. */
  private strictFraming = false;

  constructor(settings: VirtioScsiSettings, units: VirtioScsiUnits, pending: PendingCommands) {
    this.settings = settings;
    this.pending = pending;
    this.executor = new ScsiCommandExecutor(settings, units);
  }

  get host(): VirtioDeviceHost | undefined {
    return this.owner;
  }

  set host(host: VirtioDeviceHost | undefined) {
    this.owner = host;
    this.executor.host = host;
  }

  negotiated(features: bigint): void {
    this.executor.inout = (features & VIRTIO_SCSI_F_INOUT) !== 0n;
    this.strictFraming = (features & (VIRTIO_F_VERSION_1 | VIRTIO_F_ANY_LAYOUT)) === 0n;
  }

  handle(queueIndex: number, chain: DescriptorChain): number | 'pending' {
    const { cdbSize, senseSize } = this;
    if (!this.isWellFormed(chain, cdbSize, senseSize)) return 0;
    const { latency } = this.settings;
    if (latency === undefined || this.owner === undefined) {
      return this.executor.execute(chain, cdbSize, senseSize);
    }
    const { target, lun, cdb } = this.executor.look(chain, cdbSize, senseSize);
    const delay = latency({ target, lun, cdb });
    if (delay === 0) return this.executor.execute(chain, cdbSize, senseSize);
    return this.keep(queueIndex, chain, delay);
  }

  /**
   * Ends commands that were not carried out. They are answered before anything that is answered
   * later from now on (virtio §5.6.6.2).
   * @param response VIRTIO_SCSI_S_*
   */
  end(commands: readonly PendingCommand[], response: number): void {
    for (const command of commands) {
      this.pending.remove(command);
      command.ended = response;
      this.owner?.later(command.queueIndex, command.chain, 0, () => this.finish(command));
    }
  }

  /** What is under way in a logical unit, or in all of a target. */
  of(target: number, lun: number | undefined): readonly PendingCommand[] {
    return this.pending.of(target, lun);
  }

  /** A command that takes time. @param delay in nanoseconds; with `Infinity` somebody must end it */
  private keep(queueIndex: number, chain: DescriptorChain, delay: number): 'pending' {
    const { cdbSize, senseSize, owner } = this;
    this.address.read(chain, 0);
    const { kind, lun } = this.address;
    // No task management function names a well-known logical unit.
    const target = kind === 'unit' ? this.address.target : -1;
    const [idLow, idHigh] = [chain.readUint32(ID), chain.readUint32(ID + 4)];
    const sizes = { cdbSize, senseSize };
    const command = { queueIndex, chain, target, lun, idLow, idHigh, ...sizes, ended: undefined };
    this.pending.add(command);
    const count = this.pending.of(target, lun).length;
    const { cmdPerLun } = this.settings;
    if (count > cmdPerLun) {
      const message = `${count} commands under way for one logical unit: cmd_per_lun is ${cmdPerLun}`;
      owner?.report('5.6.4.1', message, { target, lun, count });
    }
    if (delay !== Infinity) owner?.later(queueIndex, chain, delay, () => this.finish(command));
    return 'pending';
  }

  /** Carries out what was not ended before. */
  private finish(command: PendingCommand): number {
    const { chain, cdbSize, senseSize, ended } = command;
    this.pending.remove(command);
    return ended === undefined
      ? this.executor.execute(chain, cdbSize, senseSize)
      : this.executor.refuse(chain, cdbSize, senseSize, ended);
  }

  private isWellFormed(chain: DescriptorChain, cdbSize: number, senseSize: number): boolean {
    const { readableLength, writableLength, head } = chain;
    if (cdbSize > MAX_CDB_SIZE || senseSize > MAX_SENSE_SIZE) {
      const message = `cdb_size is ${cdbSize} and sense_size ${senseSize}: at most ${MAX_CDB_SIZE} and ${MAX_SENSE_SIZE}`;
      this.owner?.needsReset('5.6.4', message, { cdbSize, senseSize });
      return false;
    }
    if (readableLength < CDB + cdbSize || writableLength < SENSE + senseSize) {
      const message = `a command of ${readableLength} readable and ${writableLength} writable bytes has no room for its headers of ${CDB + cdbSize} and ${SENSE + senseSize}`;
      this.owner?.needsReset('5.6.6.1', message, { head, readableLength, writableLength });
      return false;
    }
    if (this.strictFraming) this.checkFraming(chain, CDB + cdbSize, SENSE + senseSize);
    return true;
  }

  /** Of a driver that uses the legacy interface without VIRTIO_F_ANY_LAYOUT. */
  private checkFraming(chain: DescriptorChain, readable: number, writable: number): void {
    const first = chain.segment(0).length;
    const second = chain.segment(chain.readableCount).length;
    if (first === readable && second === writable) return;
    const message = `headers in descriptors of ${first} and ${second} bytes: ${readable} and ${writable}`;
    this.owner?.report('5.6.6.4', message, { first, second });
  }
}
