import { VIRTIO_F_VERSION_1 } from '@dxelab/virtio';

/** Registers of 32 feature bits: 128 bits, which is what the specification allots (virtio §2.2). */
const REGISTERS = 4;

/** Which features the device offers and which the driver has accepted (virtio §2.2). */
export class FeatureNegotiation {
  readonly offered: bigint;
  readonly #offered: Uint32Array;
  readonly #accepted: Uint32Array = new Uint32Array(REGISTERS);

  constructor(offered: bigint) {
    this.offered = offered;
    this.#offered = registersOf(offered);
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

  /** Why the device refuses what was accepted, with the section; `undefined` if it does not. */
  problem(): { readonly section: string; readonly message: string } | undefined {
    const unknown = this.accepted & ~this.offered;
    if (unknown !== 0n) {
      const message = `features 0x${unknown.toString(16)} were accepted but not offered`;
      return { section: '2.2.1', message };
    }
    if ((this.offered & ~this.accepted & VIRTIO_F_VERSION_1) !== 0n) {
      return { section: '6.1', message: 'VIRTIO_F_VERSION_1 was offered and not accepted' };
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
