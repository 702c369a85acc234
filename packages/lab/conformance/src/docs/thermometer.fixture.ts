import type { AccessWidth, MachineBus, RegionHandler } from '@dxelab/emulated-machine';
import { PciFunction } from '@dxelab/pci-devices';

const CONTROL = 0x0;
const STATUS = 0x4;
const TEMPERATURE = 0x8;
const READY = 1;
/** How long a measurement takes, in nanoseconds. */
const MEASUREMENT = 50_000;

/** Measures when 1 is written to CONTROL; then STATUS is 1, and TEMPERATURE is in thousandths of a degree. */
export class Thermometer extends PciFunction implements RegionHandler {
  readonly #temperature: number;
  #status = 0;
  #bus: MachineBus | undefined;

  /** @param temperature that it will measure, in degrees Celsius */
  constructor(temperature: number) {
    super({ name: 'thermometer', vendorId: 0x1234, deviceId: 0x7e3d, classCode: 0x118000 });
    this.addBar(0, { kind: 'mem32', size: 0x1000, handler: this });
    this.#temperature = temperature;
  }

  protected override attached(bus: MachineBus): void {
    this.#bus = bus;
  }

  read(offset: number, _width: AccessWidth): number {
    if (offset === STATUS) return this.#status;
    return offset === TEMPERATURE && this.#status === READY ? this.#temperature * 1000 : 0;
  }

  write(offset: number, _width: AccessWidth, value: number): void {
    const bus = this.#bus;
    if (offset !== CONTROL || value !== 1 || bus === undefined) return;
    this.#status = 0;
    bus.events.schedule(bus.now() + MEASUREMENT, () => {
      this.#status = READY;
    });
  }
}
