import {
  VIRTIO_F_ACCESS_PLATFORM,
  VIRTIO_F_ANY_LAYOUT,
  VIRTIO_F_NOTIFY_ON_EMPTY,
  VIRTIO_F_VERSION_1,
} from '@dxelab/virtio';
import type { BrokenRule } from './broken-rule.ts';

/** Registers of 32 feature bits: 128 bits, which is what the specification allots (virtio §2.2). */
const REGISTERS = 4;
/** What is never offered through the modern interface (virtio §6.3). */
const LEGACY_ONLY = VIRTIO_F_NOTIFY_ON_EMPTY | VIRTIO_F_ANY_LAYOUT;

/** Which features the device offers and which the driver has accepted (virtio §2.2). */
export class FeatureNegotiation {
  /** Through the modern interface. */
  readonly offered: bigint;
  /** Through the legacy interface, which has bits 0 to 31 alone (virtio §4.1.4.10). */
  readonly legacyOffered: number;
  readonly #offered: Uint32Array;
  readonly #accepted: Uint32Array = new Uint32Array(REGISTERS);

  /** @param features all that the device has, whatever the interface */
  constructor(features: bigint) {
    this.offered = features & ~LEGACY_ONLY;
    this.legacyOffered = Number(BigInt.asUintN(32, features));
    this.#offered = registersOf(this.offered);
  }

  /** All that the driver has accepted so far. */
  get accepted(): bigint {
    return this.#accepted.reduceRight((bits, register) => (bits << 32n) | BigInt(register), 0n);
  }

  /** Bits `32 * select` and up of what is offered. */
  deviceFeature(select: number): number {
    return this.#offered[select] ?? 0;
  }

  /** Bits `32 * select` and up of what the driver has accepted. */
  driverFeature(select: number): number {
    return this.#accepted[select] ?? 0;
  }

  /** The driver accepts bits `32 * select` and up; whether it may is checked by `problem`. */
  accept(select: number, bits: number): void {
    if (select < REGISTERS) this.#accepted[select] = bits;
  }

  /**
   * The driver accepts bits 0 to 31 through the legacy interface. It cannot be told that the device
   * refuses, so that only what was offered is taken (virtio §3.1.2).
   * @returns what was not offered
   */
  acceptLegacy(bits: number): number {
    this.#accepted[0] = bits & this.legacyOffered;
    return (bits & ~this.legacyOffered) >>> 0;
  }

  /** Why the device refuses what was accepted; `undefined` if it does not. */
  problem(): BrokenRule | undefined {
    const unknown = this.accepted & ~this.offered;
    if (unknown !== 0n) {
      const message = `features 0x${unknown.toString(16)} were accepted but not offered`;
      return { section: '2.2.1', message };
    }
    const missing = this.offered & ~this.accepted;
    if ((missing & VIRTIO_F_VERSION_1) !== 0n) {
      return { section: '6.1', message: 'VIRTIO_F_VERSION_1 was offered and not accepted' };
    }
    // The device may refuse (§6.2), and QEMU's do: whoever leaves it out hands out addresses that it
    // cannot reach.
    if ((missing & VIRTIO_F_ACCESS_PLATFORM) !== 0n) {
      return { section: '6.1', message: 'VIRTIO_F_ACCESS_PLATFORM was offered and not accepted' };
    }
    return undefined;
  }

  /** Nothing is accepted any more. */
  reset(): void {
    this.#accepted.fill(0);
  }
}

function registersOf(bits: bigint): Uint32Array {
  return Uint32Array.from({ length: REGISTERS }, (_, select) =>
    Number(BigInt.asUintN(32, bits >> BigInt(32 * select))),
  );
}
