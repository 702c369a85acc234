import type { AccessWidth, Dma, MachineBus, RegionHandler } from '@dxelab/emulated-machine';
import { PciFunction } from './index.ts';

const ADDRESS = 0x0;
const LENGTH = 0x4;
const SUM = 0x8;
/** How long it needs, in nanoseconds. */
const WORK = 1000;

/** Adds up the bytes of a buffer: ADDRESS first, then LENGTH, which starts it; then SUM, and a message. */
export class Summer extends PciFunction implements RegionHandler {
  #address = 0;
  #sum = 0;
  #bus: MachineBus | undefined;
  #dma: Dma | undefined;

  constructor() {
    super({ name: 'summer', vendorId: 0x1234, deviceId: 0x0001, classCode: 0xff0000 });
    this.addBar(0, { kind: 'mem32', size: 0x1000, handler: this });
    this.addMsix(1, 1);
  }

  protected override attached(bus: MachineBus, dma: Dma): void {
    this.#bus = bus;
    this.#dma = dma;
  }

  read(offset: number, _width: AccessWidth): number {
    return offset === SUM ? this.#sum : 0;
  }

  write(offset: number, _width: AccessWidth, value: number): void {
    const bus = this.#bus;
    if (offset === ADDRESS) this.#address = value;
    if (offset === LENGTH) bus?.events.schedule(bus.now() + WORK, () => this.#add(value));
  }

  #add(length: number): void {
    // Undefined if any of it may not be reached; the machine has reported it by then.
    const bytes = this.#dma?.locate(this.#address, length);
    const start = this.#dma?.offset ?? 0;
    this.#sum = bytes?.subarray(start, start + length).reduce((sum, byte) => sum + byte, 0) ?? 0;
    this.signalMsix(0);
  }
}
