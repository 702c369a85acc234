import type { Random, ScheduledEvent } from '@dxelab/emulated-machine';
import type { Tracer } from '@dxelab/platform';
import type { DescriptorChain } from '../queue/descriptor-chain.ts';

/**
 * What a virtio device is, whatever its transport: the whole of what a device of your own needs.
 * A model never throws on what a driver wrote; what it throws is its own bug and stops the machine.
 */
export interface VirtioDeviceModel {
  /** As reports and traces show it, such as `virtio-blk`. */
  readonly name: string;
  /** The device type (virtio §5), such as 2 for a block device. */
  readonly deviceType: number;
  /** The feature bits of its type that it offers; those of rings and transports are not its business. */
  readonly features: bigint;
  /** How many descriptors each queue has at most: a power of two up to 32768, or 0 for no queue. */
  readonly queueSizes: readonly number[];
  /** The device-specific configuration as the driver reads it now, little-endian. */
  readonly config: Uint8Array;
  /** Called once, before anything else. */
  attach?(host: VirtioDeviceHost): void;
  /**
   * Features are negotiated. Through a legacy interface, which has no FEATURES_OK, a driver may use the
   * device before it accepts any: then this comes again (virtio §3.1.2).
   * @param features all that were negotiated; without VIRTIO_F_VERSION_1 the interface is a legacy one
   */
  start?(features: bigint): void;
  /**
   * The driver writes to the configuration. The model changes `config` itself, or does not; without
   * this method the whole of it is read-only.
   * @param width in bytes: 1, 2 or 4
   */
  writeConfig?(offset: number, width: number, value: number): void;
  /**
   * The driver has made a buffer available.
   * @param chain valid until the method returns, or with `'pending'` until it is completed
   * @returns how many bytes were written, counted from the first writable byte on, all of them; or
   *   `'pending'` if the host's `complete` or `later` will say so
   */
  handleChain(queueIndex: number, chain: DescriptorChain): number | 'pending';
  /** Back to the state after power-on. Chains that were pending are empty from now on. */
  reset?(): void;
}

/** What a model may ask of the machine. */
export interface VirtioDeviceHost {
  /** The device's own name, as reports and traces show it. */
  readonly name: string;
  /** `undefined` when tracing is off. */
  readonly trace: Tracer | undefined;
  /** Random numbers that depend on the machine's seed alone. */
  readonly random: Random;
  /** The time, in nanoseconds since power-on. */
  now(): number;
  /** @param at in nanoseconds since power-on */
  schedule(at: number, action: () => void): ScheduledEvent;
  /** Forgets what was scheduled. */
  cancel(event: ScheduledEvent): void;
  /** Answers a pending chain. Without effect if a reset came between. */
  complete(queueIndex: number, chain: DescriptorChain, written: number): void;
  /**
   * Answers a chain after `delay` nanoseconds with what `answer` returns; after a reset it is not called.
   * @returns `'pending'`, for `handleChain` to return
   */
  later(queueIndex: number, chain: DescriptorChain, delay: number, answer: () => number): 'pending';
  /** The model has changed its `config`: the driver is told (virtio §3.2.1). */
  configChanged(): void;
  /**
   * Reports a rule that the driver broke.
   * @param section of the virtio specification
   * @param message what was expected and what came
   */
  report(section: string, message: string, fields?: Readonly<Record<string, number>>): void;
  /**
   * Reports it and gives up: the device does nothing more until it is reset (DEVICE_NEEDS_RESET,
   * virtio §2.1.2). For what no answer to a request could express.
   */
  needsReset(section: string, message: string, fields?: Readonly<Record<string, number>>): void;
}
