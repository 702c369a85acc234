import type { DescriptorChain } from '../../queue/descriptor-chain.ts';

/** A command that is under way. */
export interface PendingCommand {
  readonly queueIndex: number;
  readonly chain: DescriptorChain;
  readonly target: number;
  readonly lun: number;
  /** The command identifier: lower and upper 32 bits. */
  readonly idLow: number;
  readonly idHigh: number;
  /** As it was when the command came: the driver may change it meanwhile. */
  readonly cdbSize: number;
  readonly senseSize: number;
  /** VIRTIO_SCSI_S_* with which it was ended before it was carried out. */
  ended: number | undefined;
}

/** The commands that are under way, for task management to find them (SAM-6 §5.4, §7). */
export class PendingCommands {
  readonly #commands = new Set<PendingCommand>();

  add(command: PendingCommand): void {
    this.#commands.add(command);
  }

  remove(command: PendingCommand): void {
    this.#commands.delete(command);
  }

  /** Forgets all: the device is reset. */
  clear(): void {
    this.#commands.clear();
  }

  /** Those of a logical unit, or of all of a target if `lun` is `undefined`, in their order. */
  of(target: number, lun: number | undefined): readonly PendingCommand[] {
    return [...this.#commands].filter(
      (command) => command.target === target && (lun === undefined || command.lun === lun),
    );
  }
}
