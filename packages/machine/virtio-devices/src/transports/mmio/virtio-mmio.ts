import { Region } from '@dxelab/emulated-machine';
import type { MachineBus } from '@dxelab/emulated-machine';
import { VirtioDeviceCore } from '../../core/virtio-device-core.ts';
import type { VirtioDeviceModel } from '../../core/virtio-device-model.ts';
import { checkModel } from '../check-model.ts';
import { transportFeatures } from '../transport-options.ts';
import type { VirtioTransportOptions } from '../transport-options.ts';
import { VirtioMmioInterrupts } from './interrupts.ts';
import { MmioRegisters } from './registers.ts';
import type { VirtioMmioVersion } from './identity.ts';

/** Bytes of registers, and of the configuration behind them. */
export const VIRTIO_MMIO_SIZE = 0x200;

/** What fits behind the registers. A driver reads DeviceID as 32 bits. */
const LIMITS = { transport: 'MMIO', deviceType: 0xffff_ffff, queues: 0x10000, config: 0x100 };

/** Which MMIO transport is shown, and what all transports can be told. */
export interface VirtioMmioOptions extends VirtioTransportOptions {
  /** Default: 2. */
  readonly version?: VirtioMmioVersion;
}

/**
 * The MMIO transport, with any virtio device plugged into it (virtio §4.2): what EDK II's
 * VirtioMmioDeviceLib drives. A `VirtioMmioBus` says where it is.
 */
export class VirtioMmio {
  /** As reports and traces show it. */
  readonly name: string;
  readonly version: VirtioMmioVersion;
  readonly #model: VirtioDeviceModel;
  readonly #options: VirtioMmioOptions;
  #core: VirtioDeviceCore | undefined;

  /** @throws MachineSetupError if the model cannot be shown on MMIO */
  constructor(model: VirtioDeviceModel, options: VirtioMmioOptions = {}) {
    checkModel(model, LIMITS);
    this.name = options.name ?? model.name;
    this.version = options.version ?? 2;
    this.#model = model;
    this.#options = options;
  }

  /** The device status (virtio §2.1), as a report looks at it: 0 after a reset. */
  get deviceStatus(): number {
    return this.#core?.status ?? 0;
  }

  /**
   * Joins a machine. Called by the bus that it is plugged into.
   * @param base where its registers are
   * @param line the number of its interrupt line
   */
  attach(bus: MachineBus, base: number, line: number): void {
    const interrupts = new VirtioMmioInterrupts(this.name, bus.interrupts, line);
    const core = new VirtioDeviceCore(this.#model, {
      name: this.name,
      bus,
      dma: bus.createDma(this.name),
      transport: interrupts,
      features: transportFeatures(this.#options, bus),
      driverInterface: this.version === 1 ? 'legacy' : 'modern',
      usedElement: this.#options.usedElement,
      completion: this.#options.ring?.completion,
      notifyWhileBusy: this.#options.ring?.notifyWhileBusy,
    });
    this.#core = core;
    const registers = new MmioRegisters(core, interrupts, this.version);
    bus.mmio.add(new Region(`${this.name} mmio`, base, VIRTIO_MMIO_SIZE, registers));
    bus.onReset(() => core.reset());
  }
}
