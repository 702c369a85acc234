import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { VirtioMmio, VirtioMmioBus } from '@dxelab/virtio-devices';
import type { DescriptorChain, VirtioDeviceModel } from '@dxelab/virtio-devices';

const SIZE = 256;
const RAM_SIZE = 4 << 20;
const DESC = 0x100000;
const DRIVER = 0x110000;
const DEVICE = 0x120000;
const BUFFERS = 0x200000;
const DESC_SIZE = 16;
const NEXT = 1;
const WRITE = 2;
const AVAIL = 0x0080;
const USED = 0x8000;

/** Answers everything with one byte, and does nothing else. */
class Sink implements VirtioDeviceModel {
  readonly name = 'sink';
  readonly deviceType = 42;
  readonly features = 0n;
  readonly queueSizes = [SIZE];
  readonly config: Uint8Array = new Uint8Array(0);
  chains = 0;

  handleChain(_queueIndex: number, chain: DescriptorChain): number {
    this.chains++;
    chain.writeUint8(0, 1);
    return 1;
  }
}

/**
 * A device on MMIO whose driver fills the whole queue and notifies, over and over. Of what the driver
 * does as little as possible is measured: it writes what is the same each time in one piece.
 * @param descriptors of each chain; the queue's size is a multiple of it
 * @returns does one notification, and says how many chains were given back
 */
export function createRingWorld(ring: 'split' | 'packed', descriptors: number): () => number {
  const memory = new Uint8Array(RAM_SIZE);
  const view = new DataView(memory.buffer);
  const bus = new VirtioMmioBus();
  const sink = new Sink();
  const slot = bus.plug(new VirtioMmio(sink, { ring: { packed: true } }));
  const base = bus.addressOf(slot);
  const { platform } = createEmulatedMachine({
    memory: [{ base: 0, bytes: memory }],
    devices: [bus],
    onFinding: ({ rule, message }) => {
      throw new Error(`${rule}: ${message}`);
    },
  });
  const { mmio } = platform;
  const write = (offset: number, value: number): void => mmio.write32(base + offset, value);
  // Reset, ACKNOWLEDGE, DRIVER, the features, FEATURES_OK, the queue, DRIVER_OK (virtio §3.1.1).
  for (const status of [0, 1, 3]) write(0x70, status);
  write(0x24, 1);
  write(0x20, ring === 'packed' ? 0b101 : 0b001);
  write(0x70, 0x0b);
  write(0x30, 0);
  write(0x38, SIZE);
  for (const [offset, address] of [
    [0x80, DESC],
    [0x90, DRIVER],
    [0xa0, DEVICE],
  ] as const) {
    write(offset, address);
    write(offset + 4, 0);
  }
  write(0x44, 1);
  write(0x70, 0x0f);

  const chains = SIZE / descriptors;
  const table = (lap: number): Uint8Array => {
    const bytes = new Uint8Array(SIZE * DESC_SIZE);
    const entries = new DataView(bytes.buffer);
    for (let index = 0; index < SIZE; index++) {
      const at = index * DESC_SIZE;
      const isLast = index % descriptors === descriptors - 1;
      const flags = isLast ? WRITE : NEXT;
      entries.setUint32(at, BUFFERS + 64 * index, true);
      entries.setUint32(at + 8, 16, true);
      entries.setUint16(at + 12, ring === 'packed' ? index : flags, true);
      entries.setUint16(at + 14, ring === 'packed' ? flags | lap : index + 1, true);
    }
    return bytes;
  };
  const laps = [table(AVAIL), table(USED)];
  if (ring === 'split') memory.set(table(0), DESC);
  // No notification is wanted: NO_INTERRUPT, or "disabled".
  view.setUint16(ring === 'packed' ? DRIVER + 2 : DRIVER, 1, true);
  const entries = ring === 'split' ? SIZE : 0;
  for (let index = 0; index < entries; index++) {
    view.setUint16(DRIVER + 4 + 2 * index, (index % chains) * descriptors, true);
  }
  let round = 0;
  return () => {
    const before = sink.chains;
    if (ring === 'packed') {
      const lap = laps[round++ & 1];
      if (lap !== undefined) memory.set(lap, DESC);
    } else {
      round = (round + chains) & 0xffff;
      view.setUint16(DRIVER + 2, round, true);
    }
    mmio.write32(base + 0x50, 0);
    if (sink.chains - before !== chains) throw new Error(`${sink.chains - before} of ${chains}`);
    return chains;
  };
}
