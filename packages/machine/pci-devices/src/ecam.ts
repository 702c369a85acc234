import type { AccessWidth, RegionHandler } from '@dxelab/emulated-machine';
import type { ConfigRouter } from './config-router.ts';

/** The enhanced configuration access mechanism: 4 KiB of memory for each function (PCIe §7.2.2). */
export class Ecam implements RegionHandler {
  readonly #router: ConfigRouter;

  constructor(router: ConfigRouter) {
    this.#router = router;
  }

  read(offset: number, width: AccessWidth): number {
    return this.#router.read(offset >>> 20, (offset >>> 12) & 0xff, offset & 0xfff, width);
  }

  write(offset: number, width: AccessWidth, value: number): void {
    this.#router.write(offset >>> 20, (offset >>> 12) & 0xff, offset & 0xfff, width, value);
  }
}
