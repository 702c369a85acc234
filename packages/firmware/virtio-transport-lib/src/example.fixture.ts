import type { EfiBootServices } from '@dxelab/uefi';
import type { VirtioDevice } from '@dxelab/virtio';
import { legacyFeatures, readUntilStable, waitForReset } from './index.ts';

/** How a transport of registers that are only numbers in an array might begin. */
export class TinyTransport implements Pick<VirtioDevice, 'getDeviceStatus' | 'setDeviceStatus'> {
  readonly registers: number[] = [0, 0, 0];
  readonly #bs: Pick<EfiBootServices, 'stall'>;

  constructor(bs: Pick<EfiBootServices, 'stall'>) {
    this.#bs = bs;
  }

  getDeviceStatus(): number {
    return this.registers[0] ?? 0;
  }

  setDeviceStatus(status: number): void {
    this.registers[0] = status;
    if (status === 0) waitForReset(this, this.#bs);
  }

  setGuestFeatures(features: bigint): void {
    this.registers[1] = legacyFeatures(features); // EFI_UNSUPPORTED beyond bit 31
  }

  readDevice64(): bigint {
    return readUntilStable(() => BigInt(this.registers[2] ?? 0));
  }
}
