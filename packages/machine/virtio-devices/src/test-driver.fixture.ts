import { createEmulatedMachine } from '@dxelab/emulated-machine';
import type { Device, EmulatedMachine, MachineFinding } from '@dxelab/emulated-machine';
import type { Tracer } from '@dxelab/platform';
import type { VirtioDeviceModel } from './core/virtio-device-model.ts';

export type Width = 1 | 2 | 4;

/** A piece of a request: bytes for the device to read, or how many it may write. */
export type Piece = Uint8Array | number;

/** Where the parts of a queue lie. */
export interface Rings {
  readonly desc: number;
  readonly driver: number;
  readonly device: number;
}

/** Where the driver puts things. */
export const RINGS = 0x100000;
const BUFFERS = 0x200000;
const CANARY = 0xc5;
const RAM_SIZE = 8 << 20;
/** Bytes before and behind RAM that no device may touch. */
const MARGIN = 4096;

export const VERSION_1: bigint = 1n << 32n;

/** A machine with one virtio device, and the simplest driver that there can be; registers are the transport's. */
export abstract class TestDriver {
  readonly machine: EmulatedMachine;
  readonly findings: MachineFinding[] = [];
  readonly #queues: number;
  /** How many descriptors each queue has, and how many chains were offered to it. */
  readonly #sizes = new Map<number, number>();
  readonly #offered = new Map<number, number>();
  readonly #storage: Uint8Array = new Uint8Array(RAM_SIZE + 2 * MARGIN);

  constructor(model: VirtioDeviceModel, devices: readonly Device[], trace?: Tracer) {
    this.#queues = model.queueSizes.length;
    this.#storage.fill(CANARY, 0, MARGIN).fill(CANARY, MARGIN + RAM_SIZE);
    const bytes = this.#storage.subarray(MARGIN, MARGIN + RAM_SIZE);
    this.machine = createEmulatedMachine({
      memory: [{ base: 0, bytes }],
      devices,
      onFinding: (finding) => this.findings.push(finding),
      ...(trace === undefined ? {} : { trace }),
    });
  }

  /** The device status. */
  abstract get status(): number;
  abstract set status(value: number);
  /** What the device offers. */
  abstract get features(): bigint;
  /** What this driver sets once features are accepted: with FEATURES_OK, if the transport has it. */
  abstract readonly steps: readonly number[];
  abstract accept(features: bigint): void;
  /** Selects a queue. @returns its size at most */
  abstract select(queue: number): number;
  /** Puts the selected queue into use, with rings of `size` descriptors. */
  abstract place(size: number, rings: Rings): void;
  abstract notify(queue: number): void;
  /** Which events there were (bit 0: queue, bit 1: configuration); they are acknowledged. */
  abstract interrupts(): number;
  /** Reads the device configuration. */
  abstract config(offset: number, width: Width): number;
  abstract writeConfig(offset: number, width: Width, value: number): void;
  /** Reads a register of the transport, at an offset of its own. */
  abstract get(offset: number, width: Width): number;
  abstract set(offset: number, width: Width, value: number): void;

  /** The sections of the rules that were broken so far. */
  get broken(): string[] {
    return this.findings.map(({ rule }) => rule);
  }

  /** Whether nothing outside RAM was touched. */
  get marginsIntact(): boolean {
    const before = this.#storage.subarray(0, MARGIN);
    const behind = this.#storage.subarray(MARGIN + RAM_SIZE);
    return [before, behind].every((margin) => margin.every((byte) => byte === CANARY));
  }

  /** Initialises the device up to DRIVER_OK, with all its queues (virtio §3.1.1). */
  start(features: bigint = VERSION_1, queueSize = 16): void {
    this.negotiate(features);
    for (let queue = 0; queue < this.#queues; queue++) this.enable(queue, queueSize);
    this.status = this.steps.at(-1) ?? 0;
  }

  /** Initialises the device up to the point where its queues are set up. */
  negotiate(features: bigint = VERSION_1): void {
    this.status = 0;
    this.status = 1;
    this.status = 3;
    this.accept(features);
    for (const step of this.steps.slice(0, -1)) this.status = step;
  }

  /** Sets up a queue over fresh rings. */
  enable(queue: number, queueSize = 16): void {
    const size = Math.min(queueSize, this.select(queue));
    this.#sizes.set(queue, size);
    if (size === 0) return;
    this.machine.platform.ram.fill(this.rings(queue).desc, 0x10000, 0);
    this.place(size, this.rings(queue));
    this.#offered.set(queue, 0);
  }

  /** Where the rings of a queue are. */
  rings(queue: number): Rings {
    const desc = RINGS + 0x10000 * queue;
    return { desc, driver: desc + 0x4000, device: desc + 0x8000 };
  }

  /** How many descriptors a queue has. */
  sizeOf(queue: number): number {
    return this.#sizes.get(queue) ?? 1;
  }

  /** Writes a chain into the table from descriptor 0 on, offers it, and notifies. */
  offer(pieces: readonly Piece[], queue = 0, first = 0): void {
    const { ram } = this.machine.platform;
    const { desc, driver } = this.rings(queue);
    for (const [offset, piece] of pieces.entries()) {
      const index = first + offset;
      const address = this.buffer(index);
      const length = typeof piece === 'number' ? piece : piece.length;
      if (typeof piece === 'number') ram.fill(address, length, CANARY);
      else ram.writeBytes(address, piece);
      ram.writeUint64(desc + 16 * index, address);
      ram.writeUint32(desc + 16 * index + 8, length);
      const flags = (typeof piece === 'number' ? 2 : 0) | (offset < pieces.length - 1 ? 1 : 0);
      ram.writeUint16(desc + 16 * index + 12, flags);
      ram.writeUint16(desc + 16 * index + 14, index + 1);
    }
    const index = this.#offered.get(queue) ?? 0;
    ram.writeUint16(driver + 4 + 2 * (index % this.sizeOf(queue)), first);
    ram.writeUint16(driver + 2, (index + 1) & 0xffff);
    this.#offered.set(queue, index + 1);
    this.notify(queue);
  }

  usedIndex(queue = 0): number {
    return this.machine.platform.ram.readUint16(this.rings(queue).device + 2);
  }

  /** The used element that was written last. */
  used(queue = 0): { id: number; length: number } {
    const { ram } = this.machine.platform;
    const { device } = this.rings(queue);
    const slot = (this.usedIndex(queue) - 1) & (this.sizeOf(queue) - 1);
    const element = device + 4 + 8 * slot;
    return { id: ram.readUint32(element), length: ram.readUint32(element + 4) };
  }

  /** Where descriptor `index` points. */
  buffer(index: number): number {
    return BUFFERS + 0x20000 * index;
  }

  /** What is in the buffer of a descriptor. */
  bytes(index: number, length: number): Uint8Array {
    const target = new Uint8Array(length);
    this.machine.platform.ram.readBytes(this.buffer(index), target);
    return target;
  }

  protected readMmio(address: number, width: Width): number {
    const { mmio } = this.machine.platform;
    if (width === 1) return mmio.read8(address);
    return width === 2 ? mmio.read16(address) : mmio.read32(address);
  }

  protected writeMmio(address: number, width: Width, value: number): void {
    const { mmio } = this.machine.platform;
    if (width === 1) mmio.write8(address, value);
    else if (width === 2) mmio.write16(address, value);
    else mmio.write32(address, value);
  }
}
