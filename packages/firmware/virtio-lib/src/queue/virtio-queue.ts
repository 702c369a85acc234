import type { DeviceAddress } from '@dxelab/uefi';

/** A chain that came back. There is one record for a queue: `collect` overwrites it. */
export interface UsedChain {
  /** What the driver gave to `submit`. */
  token: number;
  /** How many bytes the device says it wrote, from the first writable one on. */
  length: number;
  /** Whether it says that it wrote anything. */
  written: boolean;
}

/**
 * A virtqueue of which a driver keeps several chains in flight, the same whatever was negotiated: split
 * or packed, in order or not, with indirect tables, event indices and notification data or without.
 * Nothing that the device wrote is believed: after a broken promise `broken` tells which, and every
 * call throws EFI_DEVICE_ERROR until the queue, or the device, was reset.
 */
export interface VirtioQueue {
  readonly index: number;
  /** In descriptors. */
  readonly queueSize: number;
  /** What was negotiated. */
  readonly features: bigint;
  readonly freeDescriptors: number;
  /** Chains that were submitted and not collected. */
  readonly inFlight: number;
  readonly broken: string | undefined;
  readonly used: UsedChain;

  /**
   * Begins a chain; one that was begun and not submitted is forgotten.
   * @param descriptors how often `append` will be called
   * @returns whether there is room, in place of an error: a full queue is a normal thing
   */
  begin(descriptors: number): boolean;
  /**
   * Appends a buffer to the chain. Those that the device reads come first (virtio §2.7.4.2).
   * @param length in bytes
   */
  append(address: DeviceAddress, length: number, writable: boolean): void;
  /**
   * Makes the chain available, whole: its head comes last, behind a barrier.
   * @param token by which the driver knows the chain again: an integer of 31 bits
   * @param slack by how many bytes the used length may exceed what is writable. Default: 0
   */
  submit(token: number, slack?: number): void;
  /** Tells the device of all that was submitted since the last time, unless it asked not to be told. */
  kick(): void;
  /** Takes the next chain that came back, if there is one, into `used`. */
  collect(): boolean;
  /** Asks to be interrupted when the next chain comes back; `collect` renews it each time it finds none. */
  enableInterrupts(): void;
  disableInterrupts(): void;
  /**
   * Takes everything away from the device, and starts anew (virtio §2.6.1): what was in flight is forgotten.
   * @throws EFI_UNSUPPORTED without VIRTIO_F_RING_RESET, EFI_DEVICE_ERROR if the device does not come back
   */
  reset(): void;
}
