import { createEmulatedMachine } from '@dxelab/emulated-machine';
import type { EmulatedMachine, MachineFinding } from '@dxelab/emulated-machine';
import { PRIVATE_MEMORY, PRIVATE_MEMORY_SHARE } from '@dxelab/platform';
import { describe, expect, test } from 'vitest';
import { Echo } from '../echo.fixture.ts';
import { VirtioMmioBus } from './mmio/virtio-mmio-bus.ts';
import { VirtioMmio } from './mmio/virtio-mmio.ts';
import type { VirtioMmioOptions } from './mmio/virtio-mmio.ts';

const RING = 0x10_0000;
const BUFFERS = 0x20_0000;
const VERSION_1 = 1;
const ACCESS_PLATFORM = 2;

interface Bench {
  readonly machine: EmulatedMachine;
  readonly echo: Echo;
  readonly findings: MachineFinding[];
  readonly get: (offset: number) => number;
  readonly set: (offset: number, value: number) => void;
  /** Runs a command of the registers that share pages. */
  readonly command: (command: number, address: number, pages: number) => void;
  readonly share: (address: number, pages: number) => void;
}

function bench(options: VirtioMmioOptions = {}): Bench {
  const echo = new Echo();
  const bus = new VirtioMmioBus();
  const base = bus.addressOf(bus.plug(new VirtioMmio(echo, options)));
  const findings: MachineFinding[] = [];
  const machine = createEmulatedMachine({
    memory: 8 << 20,
    privateMemory: true,
    devices: [bus],
    onFinding: (finding) => findings.push(finding),
  });
  const { mmio, hobs } = machine.platform;
  const registers = hobs.privateMemory?.registers ?? 0;
  const command = (code: number, address: number, pages: number): void => {
    mmio.write32(registers + PRIVATE_MEMORY.addressLow, address);
    mmio.write32(registers + PRIVATE_MEMORY.addressHigh, 0);
    mmio.write32(registers + PRIVATE_MEMORY.pages, pages);
    mmio.write32(registers + PRIVATE_MEMORY.command, code);
  };
  return {
    machine,
    echo,
    findings,
    get: (offset) => mmio.read32(base + offset),
    set: (offset, value) => mmio.write32(base + offset, value),
    command,
    share: (address, pages) => command(PRIVATE_MEMORY_SHARE, address, pages),
  };
}

/** Initialises the device, with queue 0 in one page. */
function start({ set, machine }: Bench): void {
  for (const status of [0, 1, 3]) set(0x70, status);
  set(0x24, 0);
  set(0x20, 0);
  set(0x24, 1);
  set(0x20, VERSION_1 | ACCESS_PLATFORM);
  set(0x70, 0x0b);
  set(0x30, 0);
  set(0x38, 8);
  machine.platform.ram.fill(RING, 0x1000, 0);
  for (const [index, address] of [RING, RING + 0x400, RING + 0x800].entries()) {
    set(0x80 + 16 * index, address);
    set(0x84 + 16 * index, 0);
  }
  set(0x44, 1);
  set(0x70, 0x0f);
}

/** Offers a chain of one byte to read and one to write, which lie in two pages. */
function offer({ set, machine }: Bench): void {
  const { ram } = machine.platform;
  ram.writeUint8(BUFFERS, 0x41);
  for (const [index, flags] of [1, 2].entries()) {
    ram.writeUint64(RING + 16 * index, BUFFERS + 0x1000 * index);
    ram.writeUint32(RING + 16 * index + 8, 1);
    ram.writeUint32(RING + 16 * index + 12, flags | (1 << 16));
  }
  ram.writeUint32(RING + 0x400, 0x0001_0000);
  set(0x50, 0);
}

const usedIndex = ({ machine }: Bench): number => machine.platform.ram.readUint16(RING + 0x802);

describe('a device on a machine with private memory', () => {
  test('offers VIRTIO_F_ACCESS_PLATFORM, unless it is told not to (§6)', () => {
    for (const [options, offered] of [
      [{}, ACCESS_PLATFORM],
      [{ accessPlatform: false }, 0],
    ] as const) {
      const { get, set } = bench(options);
      set(0x14, 1);
      expect(get(0x10) & ACCESS_PLATFORM).toBe(offered);
    }
  });

  test('reaches what was shared', () => {
    const world = bench();
    world.share(RING, 1);
    world.share(BUFFERS, 2);
    start(world);
    offer(world);
    expect(usedIndex(world)).toBe(1);
    expect(world.machine.platform.ram.readUint8(BUFFERS + 0x1000)).toBe(0x42);
    expect(world.findings).toEqual([]);
  });

  test('does not reach rings that were not: address, device and queue are reported', () => {
    const world = bench({ name: 'disk' });
    start(world);
    offer(world);
    expect([usedIndex(world), world.get(0x70)]).toEqual([0, 0x4f]);
    expect(world.findings).toMatchObject([
      {
        rule: 'machine dma-to-private-memory',
        device: 'disk',
        message: `DMA of 128 bytes at 0x100000 for queue 0 reaches private memory at 0x100000: no page there was shared`,
        fields: { address: RING, length: 128, queue: 0 },
      },
      { rule: 'virtio-1.4 2.7', device: 'disk' },
    ]);
  });

  test('does not reach a buffer that was not', () => {
    const world = bench();
    world.share(RING, 1);
    world.share(BUFFERS, 1);
    start(world);
    offer(world);
    expect([usedIndex(world), world.get(0x70)]).toEqual([0, 0x4f]);
    expect(world.findings.map(({ rule }) => rule)).toEqual([
      'machine dma-to-private-memory',
      'virtio-1.4 2.7.5',
    ]);
  });

  test('does not reach a buffer that was taken back before it was answered', () => {
    const world = bench();
    world.share(RING, 1);
    world.share(BUFFERS, 2);
    world.echo.delay = 1000;
    start(world);
    offer(world);
    world.command(2, BUFFERS + 0x1000, 1);
    world.machine.platform.clock.delay(5000);
    expect([usedIndex(world), world.get(0x70)]).toEqual([0, 0x4f]);
    expect(world.machine.platform.ram.readUint8(BUFFERS + 0x1000)).toBe(0xa5);
    expect(world.findings).toMatchObject([
      { rule: 'machine dma-to-private-memory', fields: { address: BUFFERS + 0x1000, queue: 0 } },
      { rule: 'virtio-1.4 2.7.5' },
    ]);
  });
});
