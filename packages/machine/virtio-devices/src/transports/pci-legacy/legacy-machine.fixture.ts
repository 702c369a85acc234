import type { Tracer } from '@dxelab/platform';
import type { VirtioDeviceModel } from '../../core/virtio-device-model.ts';
import type { Rings, Width } from '../../test-driver.fixture.ts';
import { PciTestDriver } from '../pci/pci-test-driver.fixture.ts';
import type { VirtioPciFunction } from '../pci/virtio-pci-function.ts';
import type { VirtioTransportOptions } from '../transport-options.ts';
import { VirtioPciLegacy } from './virtio-pci-legacy.ts';

const PORTS = 0xc000;

export interface LegacyMachineOptions extends VirtioTransportOptions {
  readonly trace?: Tracer;
}

/** A machine with one virtio device at 00:02.0, and a driver of its legacy interface. */
export class LegacyMachine extends PciTestDriver {
  readonly steps = [0x07];

  /** @param func another function that has a legacy interface */
  constructor(
    model: VirtioDeviceModel,
    options: LegacyMachineOptions = {},
    func: VirtioPciFunction = new VirtioPciLegacy(model, options),
  ) {
    super(model, func, options.trace);
    this.setConfig(0x10, 4, PORTS);
    this.setConfig(0x04, 2, 0x0007);
  }

  get(offset: number, width: Width): number {
    const { ports } = this.machine.platform;
    if (width === 1) return ports.read8(PORTS + offset);
    return width === 2 ? ports.read16(PORTS + offset) : ports.read32(PORTS + offset);
  }

  set(offset: number, width: Width, value: number): void {
    const { ports } = this.machine.platform;
    if (width === 1) ports.write8(PORTS + offset, value);
    else if (width === 2) ports.write16(PORTS + offset, value);
    else ports.write32(PORTS + offset, value);
  }

  get status(): number {
    return this.get(0x12, 1);
  }

  set status(value: number) {
    this.set(0x12, 1, value);
  }

  get features(): bigint {
    return BigInt(this.get(0x00, 4));
  }

  accept(features: bigint): void {
    this.set(0x04, 4, Number(features & 0xffff_ffffn));
  }

  select(queue: number): number {
    this.set(0x0e, 2, queue);
    return this.get(0x0c, 2);
  }

  /** The size is the device's: it cannot be chosen. */
  place(_size: number, { desc }: Rings): void {
    this.set(0x08, 4, desc / 4096);
  }

  override enable(queue: number): void {
    super.enable(queue, this.select(queue));
  }

  override rings(queue: number): Rings {
    const { desc } = super.rings(queue);
    const driver = desc + 16 * this.sizeOf(queue);
    const end = driver + 6 + 2 * this.sizeOf(queue);
    return { desc, driver, device: Math.ceil(end / 4096) * 4096 };
  }

  notify(queue: number): void {
    this.set(0x10, 2, queue);
  }

  interrupts(): number {
    return this.get(0x13, 1);
  }

  config(offset: number, width: Width): number {
    return this.get(0x14 + offset, width);
  }

  writeConfig(offset: number, width: Width, value: number): void {
    this.set(0x14 + offset, width, value);
  }
}
