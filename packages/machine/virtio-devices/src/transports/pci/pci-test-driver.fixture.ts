import { PciHostBridge } from '@dxelab/pci-devices';
import type { Tracer } from '@dxelab/platform';
import type { VirtioDeviceModel } from '../../core/virtio-device-model.ts';
import { TestDriver } from '../../test-driver.fixture.ts';
import type { Width } from '../../test-driver.fixture.ts';
import type { VirtioPciFunction } from './virtio-pci-function.ts';

/** A driver of a virtio function at 00:02.0, whose MSI-X table it has placed. */
export abstract class PciTestDriver extends TestDriver {
  readonly function: VirtioPciFunction;
  /** Where BAR1 was placed. */
  readonly msix: number;
  readonly #config: number;

  constructor(model: VirtioDeviceModel, func: VirtioPciFunction, trace?: Tracer) {
    const bridge = new PciHostBridge();
    bridge.plug('02.0', func);
    super(model, [bridge], trace);
    this.function = func;
    const [root] = this.machine.platform.hobs.pciRootBridges;
    if (root?.ecam === undefined) throw new Error('no ECAM');
    this.#config = root.ecam.base + (2 << 15);
    this.msix = root.mem32.base;
    this.setConfig(0x14, 4, this.msix);
    // Memory and bus mastering.
    this.setConfig(0x04, 2, 0x0006);
  }

  getConfig(offset: number, width: Width): number {
    return this.readMmio(this.#config + offset, width);
  }

  setConfig(offset: number, width: Width, value: number): void {
    this.writeMmio(this.#config + offset, width, value);
  }
}
