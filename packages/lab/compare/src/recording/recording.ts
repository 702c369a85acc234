import type { RequestPart } from '@dxelab/scenario';

/** What was compared of an event: one value of a register, one length, one status. */
export interface Fact {
  /** `status` is a call's; `bits` are those of a feature register; what scenarios declare is a request's. */
  readonly part: 'value' | 'bits' | 'status' | RequestPart;
  readonly text: string;
  /**
   * Of `data` that a device is to write: what is in the whole buffer, where it says that it wrote less.
   * It is what can be compared of two devices that disagree about how much they wrote.
   */
  readonly whole?: string;
  /** Of `bits`: in their place among the 64 or more of a device. */
  readonly bits?: bigint;
}

/** A SCSI command, and whom it is for. */
export interface CommandPlace {
  /** As the standards call it: `READ (10)`. */
  readonly name: string;
  /** Target and LUN: `0:300`. */
  readonly unit: string;
}

/**
 * Something that happened between firmware and a device, told without what depends on the machine:
 * addresses, times, how often somebody polled.
 */
export interface RecordedEvent {
  readonly kind: 'register' | 'request' | 'call';
  /** Of a register (`common.deviceStatus`), a queue (`queue 0`) or a call (`BlockIo.readBlocks`). */
  readonly name: string;
  /** Events of two machines with the same subject are the same event, whatever their facts. */
  readonly subject: string;
  readonly facts: readonly Fact[];
  /** Of requests that are SCSI commands, and of their answers. */
  readonly command?: CommandPlace | undefined;
}

/** All that happened to one virtio device, in its order. */
export interface DeviceRecording {
  /** As reports call it: `virtio-blk 02.0`, `virtio-rng mmio 23`. */
  readonly name: string;
  readonly events: readonly RecordedEvent[];
}

/** A boot as its devices saw it. */
export interface Recording {
  /** By the order in which the firmware found them. */
  readonly devices: readonly DeviceRecording[];
  /** PCI functions that are no virtio devices: slot, and identity. */
  readonly chipset: ReadonlyMap<string, string>;
}
