import type { DeviceAddress } from '@dxelab/uefi';
import type { DescriptorChain } from './descriptor-chain.ts';
import type { QueueFault } from './queue-fault.ts';

/** Where the parts of an enabled queue lie. */
export interface QueueAddresses {
  readonly desc: DeviceAddress;
  readonly driver: DeviceAddress;
  readonly device: DeviceAddress;
}

/** What was negotiated for the rings: VIRTIO_F_INDIRECT_DESC and so on (virtio §6, §6.3). */
export interface RingFeatures {
  readonly indirect: boolean;
  readonly eventIdx: boolean;
  readonly notifyOnEmpty: boolean;
  readonly packed: boolean;
  readonly inOrder: boolean;
  readonly notificationData: boolean;
}

/** Who is told of rules that the driver broke in a ring. */
export interface QueueOwner {
  /** The queue cannot go on. */
  fault(fault: QueueFault): void;
  /** The queue can live with it. */
  remark(fault: QueueFault): void;
}

/**
 * A virtqueue seen from the device, split or packed: who serves it need not know which. Nothing in
 * guest memory is believed: where the rings make no sense the owner is told of a fault, and the queue
 * yields nothing.
 */
export interface Virtqueue {
  /** Which of the two it is (virtio §2.7, §2.8). */
  readonly packed: boolean;
  /** In descriptors; 0 while disabled. */
  readonly size: number;
  /** How many chains the device has taken and not yet given back. */
  readonly pending: number;
  /**
   * Where the device looks for the next chain, as notification data say it (virtio §2.9): the available
   * index of a split ring; the offset of a packed one, with the wrap counter in bit 15.
   */
  readonly position: number;
  /** Begins to work. @param size up to 32768; of a split ring a power of two */
  start(size: number, addresses: QueueAddresses): void;
  /** Forgets everything. What is still pending can reach no memory any more. */
  stop(): void;
  /**
   * Finds the rings in memory. What follows relies on it, up to the end of the same notification or
   * completion. @returns false if the device may not reach all of them
   */
  locate(): boolean;
  /** How many chains wait, for a report: it breaks nothing, and says 0 where the ring makes no sense. */
  unnoticed(): number;
  /**
   * Takes the next chain. It is valid until the next `pop`, unless it is kept.
   * @returns `undefined` if there is none, or the driver broke a rule
   */
  pop(): DescriptorChain | undefined;
  /** Keeps the chain that `pop` delivered beyond the next `pop`: it is answered later. */
  keep(chain: DescriptorChain): void;
  /** Ends the keeping of a chain. @returns false if it was not kept, or a reset came between */
  release(chain: DescriptorChain): boolean;
  /**
   * Gives a chain back.
   * @param id what the ring calls it: its `head`
   * @param written how many bytes the device wrote, from the first writable byte on
   * @param slots how many descriptors of the ring it had
   */
  push(id: number, written: number, slots: number): void;
  /**
   * Writes a used element, or a used descriptor, that the driver does not see before `publish`.
   * @param id of the last of the chains
   * @param written bytes of the last of the chains
   * @param chains how many are given back by this one: more than one only in order (virtio §2.7.9, §2.8.8)
   * @param slots how many descriptors of the ring they had together
   */
  fill(id: number, written: number, chains: number, slots: number): void;
  /** Shows the driver what was filled, all of it at once. */
  publish(): void;
  /** Whether the driver wants a notification for what was given back since this was last asked. */
  wantsNotification(): boolean;
  /**
   * Asks to be notified of the next chain, where the driver is told so; then looks again, because a
   * chain may have come between.
   * @returns whether one has
   */
  askForNotification(): boolean;
  /** Asks not to be notified until it asks for it: the device will look by itself. */
  suppressNotifications(): void;
}
