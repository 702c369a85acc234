import type { Tracer } from '@dxelab/platform';
import type { VirtioDeviceModel } from './core/virtio-device-model.ts';
import type { Rings, Width } from './test-driver.fixture.ts';
import { VirtioPciModern } from './transports/pci-modern/virtio-pci-modern.ts';
import { PciTestDriver } from './transports/pci/pci-test-driver.fixture.ts';
import type { VirtioPciFunction } from './transports/pci/virtio-pci-function.ts';
import type { VirtioTransportOptions } from './transports/transport-options.ts';

export interface TestMachineOptions extends VirtioTransportOptions {
  readonly trace?: Tracer;
}

/** A machine with one virtio device at 00:02.0, and a driver of its modern interface. */
export class TestMachine extends PciTestDriver {
  readonly steps = [0x0b, 0x0f];
  /** Where BAR4 was placed. */
  readonly structures: number;

  /** @param func another function that has a modern interface */
  constructor(
    model: VirtioDeviceModel,
    options: TestMachineOptions = {},
    func: VirtioPciFunction = new VirtioPciModern(model, options),
  ) {
    super(model, func, options.trace);
    this.structures = this.msix + 0x100000;
    this.setConfig(0x20, 4, this.structures);
  }

  get(offset: number, width: Width): number {
    return this.readMmio(this.structures + offset, width);
  }

  set(offset: number, width: Width, value: number): void {
    this.writeMmio(this.structures + offset, width, value);
  }

  get status(): number {
    return this.get(0x14, 1);
  }

  set status(value: number) {
    this.set(0x14, 1, value);
  }

  get features(): bigint {
    this.set(0x00, 4, 0);
    const low = this.get(0x04, 4);
    this.set(0x00, 4, 1);
    return (BigInt(this.get(0x04, 4)) << 32n) | BigInt(low);
  }

  accept(features: bigint): void {
    this.set(0x08, 4, 0);
    this.set(0x0c, 4, Number(features & 0xffff_ffffn));
    this.set(0x08, 4, 1);
    this.set(0x0c, 4, Number(features >> 32n));
  }

  select(queue: number): number {
    this.set(0x16, 2, queue);
    return this.get(0x18, 2);
  }

  place(size: number, { desc, driver, device }: Rings): void {
    this.set(0x18, 2, size);
    for (const [index, address] of [desc, driver, device].entries()) {
      this.set(0x20 + 8 * index, 4, address);
      this.set(0x24 + 8 * index, 4, 0);
    }
    this.set(0x1c, 2, 1);
  }

  notify(queue: number): void {
    this.set(0x3000 + 4 * queue, 2, queue);
  }

  interrupts(): number {
    return this.get(0x1000, 1);
  }

  config(offset: number, width: Width): number {
    return this.get(0x2000 + offset, width);
  }

  writeConfig(offset: number, width: Width, value: number): void {
    this.set(0x2000 + offset, width, value);
  }
}
