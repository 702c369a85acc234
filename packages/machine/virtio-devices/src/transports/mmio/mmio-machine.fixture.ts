import type { Tracer } from '@dxelab/platform';
import type { VirtioDeviceModel } from '../../core/virtio-device-model.ts';
import { TestDriver } from '../../test-driver.fixture.ts';
import type { Rings, Width } from '../../test-driver.fixture.ts';
import { VirtioMmioBus } from './virtio-mmio-bus.ts';
import { VirtioMmio } from './virtio-mmio.ts';
import type { VirtioMmioOptions } from './virtio-mmio.ts';

const MODERN_STEPS = [0x0b, 0x0f];
const LEGACY_STEPS = [0x07];
/** No page, so that nobody takes the one for the other. */
const ALIGNMENT = 256;
const PAGE = 1024;

export interface MmioMachineOptions extends VirtioMmioOptions {
  readonly trace?: Tracer;
}

/** A machine with one virtio device on MMIO, and a driver of either version. */
export class MmioMachine extends TestDriver {
  readonly transport: VirtioMmio;
  /** Where the registers are. */
  readonly base: number;

  constructor(model: VirtioDeviceModel, options: MmioMachineOptions = {}) {
    const bus = new VirtioMmioBus();
    const transport = new VirtioMmio(model, options);
    const base = bus.addressOf(bus.plug(transport));
    super(model, [bus], options.trace);
    this.transport = transport;
    this.base = base;
  }

  get legacy(): boolean {
    return this.transport.version === 1;
  }

  get steps(): readonly number[] {
    return this.legacy ? LEGACY_STEPS : MODERN_STEPS;
  }

  get(offset: number, width: Width = 4): number {
    return this.readMmio(this.base + offset, width);
  }

  set(offset: number, width: Width, value: number): void {
    this.writeMmio(this.base + offset, width, value);
  }

  get status(): number {
    return this.get(0x70);
  }

  set status(value: number) {
    this.set(0x70, 4, value);
  }

  get features(): bigint {
    this.set(0x14, 4, 0);
    const low = this.get(0x10);
    this.set(0x14, 4, 1);
    return (BigInt(this.get(0x10)) << 32n) | BigInt(low);
  }

  accept(features: bigint): void {
    this.set(0x24, 4, 0);
    this.set(0x20, 4, Number(features & 0xffff_ffffn));
    if (this.legacy) return;
    this.set(0x24, 4, 1);
    this.set(0x20, 4, Number(features >> 32n));
  }

  select(queue: number): number {
    this.set(0x30, 4, queue);
    return this.get(0x34);
  }

  place(size: number, { desc, driver, device }: Rings): void {
    this.set(0x38, 4, size);
    if (this.legacy) {
      this.set(0x28, 4, PAGE);
      this.set(0x3c, 4, ALIGNMENT);
      this.set(0x40, 4, desc / PAGE);
      return;
    }
    for (const [index, address] of [desc, driver, device].entries()) {
      this.set(0x80 + 16 * index, 4, address);
      this.set(0x84 + 16 * index, 4, 0);
    }
    this.set(0x44, 4, 1);
  }

  override rings(queue: number): Rings {
    const rings = super.rings(queue);
    if (!this.legacy) return rings;
    const driver = rings.desc + 16 * this.sizeOf(queue);
    const end = driver + 6 + 2 * this.sizeOf(queue);
    return { ...rings, driver, device: Math.ceil(end / ALIGNMENT) * ALIGNMENT };
  }

  notify(queue: number): void {
    this.set(0x50, 4, queue);
  }

  interrupts(): number {
    const events = this.get(0x60);
    this.set(0x64, 4, events);
    return events;
  }

  config(offset: number, width: Width): number {
    return this.get(0x100 + offset, width);
  }

  writeConfig(offset: number, width: Width, value: number): void {
    this.set(0x100 + offset, width, value);
  }
}
