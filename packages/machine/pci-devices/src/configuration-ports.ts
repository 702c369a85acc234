import type { AccessWidth, RegionHandler } from '@dxelab/emulated-machine';
import type { ConfigRouter } from './config-router.ts';

/** Offset of CONFIG_DATA; CONFIG_ADDRESS is at 0. */
const DATA = 4;
const ENABLE = 0x8000_0000;

/** Configuration mechanism #1: the ports 0xCF8 and 0xCFC (PCI Local Bus 3.0 §3.2.2.3.2). */
export class ConfigurationPorts implements RegionHandler {
  readonly #router: ConfigRouter;
  #address = 0;

  constructor(router: ConfigRouter) {
    this.#router = router;
  }

  reset(): void {
    this.#address = 0;
  }

  read(offset: number, width: AccessWidth): number {
    if (offset === 0 && width === 4) return this.#address;
    if (offset < DATA || !this.#isEnabled) return 2 ** (8 * width) - 1;
    return this.#router.read(this.#bus, this.#devfn, this.#register(offset), width);
  }

  /** Only a whole dword reaches CONFIG_ADDRESS: other writes below CONFIG_DATA are for other devices. */
  write(offset: number, width: AccessWidth, value: number): void {
    // Bits 30 to 24 and 1 to 0 are reserved and read as 0.
    if (offset === 0 && width === 4) this.#address = (value & 0x80ff_fffc) >>> 0;
    if (offset < DATA || !this.#isEnabled) return;
    this.#router.write(this.#bus, this.#devfn, this.#register(offset), width, value);
  }

  get #isEnabled(): boolean {
    return this.#address >= ENABLE;
  }

  get #bus(): number {
    return (this.#address >>> 16) & 0xff;
  }

  get #devfn(): number {
    return (this.#address >>> 8) & 0xff;
  }

  #register(offset: number): number {
    return (this.#address & 0xfc) + offset - DATA;
  }
}
