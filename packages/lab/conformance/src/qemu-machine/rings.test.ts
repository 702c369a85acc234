import { randomBytes } from 'node:crypto';
import { qemuVirtioBlk, qemuVirtioRng } from '@dxelab/qemu-machine';
import { EFI_RNG_ALGORITHM_RAW, RngProtocol } from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import type { VirtioQueueAccess } from '@dxelab/virtio';
import {
  VIRTIO_F_EVENT_IDX,
  VIRTIO_F_INDIRECT_DESC,
  VIRTIO_F_RING_PACKED,
  VIRTIO_F_RING_RESET,
  VirtioDeviceProtocol,
  VirtioQueueAccessProtocol,
} from '@dxelab/virtio';
import { VIRTIO_RING_FEATURES } from '@dxelab/virtio-lib';
import { virtioRngDxeWith } from '@dxelab/virtio-rng-dxe';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { DiskTraffic } from '../virtio-lib/disk-traffic.fixture.ts';
import { ImageFile } from './image-file.fixture.ts';
import { QemuWorld, whyNoQemu } from './qemu-world.fixture.ts';
import type { TransportOnQemu } from './transports.fixture.ts';
import { TRANSPORTS } from './transports.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const NIGHTLY = process.env['DXELAB_NIGHTLY'] === '1';
/** More than an index of 16 bits can count. */
const ROUND = 70_000;
const BRIEFLY = 3000;
/** No two sectors are alike. */
const IMAGE = new Uint8Array(randomBytes(4 * 2 ** 20));
/** QEMU answers some 15,000 requests a second on a machine that has nothing else to do. */
const PATIENCE = 300_000;

interface Ring {
  readonly packed: boolean;
  readonly eventIdx: boolean;
  readonly indirect: boolean;
}

const SWITCH = [false, true];
const RINGS: readonly Ring[] = SWITCH.flatMap((packed) =>
  SWITCH.flatMap((eventIdx) => SWITCH.map((indirect) => ({ packed, eventIdx, indirect }))),
);
const ALL: Ring = { packed: true, eventIdx: true, indirect: true };

/** Without event indices, where nothing is compared across 65535, less is enough for each day. */
const requestsOn = ({ eventIdx }: Ring): number => {
  if (NIGHTLY) return 200_000;
  return eventIdx ? ROUND : 10_000;
};

const nameOf = ({ packed, eventIdx, indirect }: Ring): string =>
  `packed=${onOff(packed)},event_idx=${onOff(eventIdx)},indirect_desc=${onOff(indirect)}`;
const onOff = (on: boolean): string => (on ? 'on' : 'off');

const transport = (name: string): TransportOnQemu => {
  const found = TRANSPORTS.find((candidate) => candidate.name === name);
  if (found === undefined) throw new TypeError(`there is no ${name}`);
  return found;
};

/** A disk of QEMU's, and in place of OVMF's driver one that reads it with 32 requests in flight. */
class RingWorld extends QemuWorld {
  readonly traffic: DiskTraffic;
  readonly #setQueueAddress;
  readonly #setQueueNotify;

  constructor({ machine, ...on }: TransportOnQemu, ring: Ring, { path }: ImageFile) {
    const { packed, eventIdx, indirect } = ring;
    const properties = { packed, event_idx: eventIdx, indirect_desc: indirect };
    const image = { path, access: 'read-only' } as const;
    const devices = [qemuVirtioBlk({ ...on.transport, properties, image })];
    const budget = { time: PATIENCE * 1e6 };
    super({ ...machine, devices, budget, without: ['VirtioBlkDxe'] });
    this.connect();
    const virtIo = this.open(VirtioDeviceProtocol);
    this.#setQueueAddress = vi.spyOn(virtIo, 'setQueueAddress');
    this.#setQueueNotify = vi.spyOn(virtIo, 'setQueueNotify');
    const { ram, cpu } = this.machine.platform;
    // a legacy PCI device has one size; a packed ring of an odd one has no alignment to help it
    const isLegacyPci = on.name === 'PCI legacy';
    this.traffic = new DiskTraffic({
      virtIo,
      access: this.access,
      bs: this.bs,
      libraries: { ram, memoryFence: () => cpu.fence(), quirks: new Quirks('specification') },
      image: IMAGE,
      wants: VIRTIO_RING_FEATURES,
      queueSize: isLegacyPci ? undefined : packed ? 131 : 128,
      lengthWithoutWrite: true,
    });
  }

  get access(): VirtioQueueAccess {
    return this.open(VirtioQueueAccessProtocol);
  }

  /** Of a split ring: its available and used indices, as they stand in memory. */
  get indices(): readonly number[] {
    const { ram } = this.machine.platform;
    const ring = this.#setQueueAddress.mock.calls[0]?.[0];
    return ring === undefined
      ? []
      : [ram.readUint16(ring.avail + 2), ram.readUint16(ring.used + 2)];
  }

  get notifications(): number {
    return this.#setQueueNotify.mock.calls.length;
  }
}

/** What the nightly run has to show. */
const figures: string[] = [];
afterAll(() => {
  if (NIGHTLY) process.stdout.write(`${figures.join('\n')}\n`);
});

describe.skipIf(skip !== undefined)(
  `VirtioQueue on QEMU's virtio-blk, 32 requests in flight ${skip ?? ''}`,
  () => {
    test.for(RINGS.map((ring) => [nameOf(ring), requestsOn(ring), ring] as const))(
      '%s: %d reads, and all the data right',
      { timeout: PATIENCE },
      ([name, requests, ring]) => {
        using file = new ImageFile(IMAGE);
        using world = new RingWorld(transport('PCI modern'), ring, file);
        const { traffic } = world;
        const { packed, eventIdx, indirect } = ring;
        const chosen =
          (packed ? VIRTIO_F_RING_PACKED : 0n) |
          (eventIdx ? VIRTIO_F_EVENT_IDX : 0n) |
          (indirect ? VIRTIO_F_INDIRECT_DESC : 0n);
        const others = VIRTIO_RING_FEATURES & ~VIRTIO_F_RING_RESET;
        expect(traffic.features & others).toBe(chosen);

        const since = performance.now();
        traffic.run(requests);
        const seconds = (performance.now() - since) / 1000;
        const rate = Math.round(requests / seconds);
        figures.push(
          `${name}: ${requests} reads, ${rate} a second, ${world.notifications} notifications, ${traffic.overtaken} overtaken`,
        );
        expect(traffic.done).toBe(requests);
        expect(traffic.queue.inFlight).toBe(0);
        // without indirect tables it is the ring that is full first
        expect(traffic.deepest).toBe(32);
        // QEMU answers as its reads come back, so the ring was used out of order
        expect(traffic.overtaken).toBeGreaterThan(0);
        const last = requests & 0xffff;
        expect(world.indices).toEqual(packed ? [] : [last, last]);
      },
    );

    test.for(TRANSPORTS.map((on) => [on.name, on] as const))(
      '%s: all that device and transport have',
      { timeout: PATIENCE },
      ([name, on]) => {
        using file = new ImageFile(IMAGE);
        using world = new RingWorld(on, ALL, file);
        const { traffic } = world;
        const wide = !/legacy|version 1/.test(name);
        const { queue } = traffic;
        expect((queue.features & VIRTIO_F_RING_PACKED) !== 0n).toBe(wide);
        traffic.run(BRIEFLY);
        expect(traffic.done).toBe(BRIEFLY);
      },
    );

    test.for(RINGS.map((ring) => [nameOf(ring), ring] as const))(
      '%s: a queue that is reset with chains in it begins anew',
      { timeout: PATIENCE },
      ([, ring]) => {
        using file = new ImageFile(IMAGE);
        using world = new RingWorld(transport('PCI modern'), ring, file);
        const { traffic } = world;
        for (let round = 0; round < 20; round++) {
          traffic.run(100 + round);
          // made available, and never notified of: QEMU's disk does not take back what it works on
          traffic.submit(round);
          expect(traffic.queue.inFlight).toBe(round);
          traffic.reset();
          expect(traffic.queue.inFlight).toBe(0);
        }
        traffic.run(1000);
      },
    );

    test('a used descriptor of a packed ring has no WRITE: entropy comes for who says that it counts all the same', () => {
      const slot = { transport: 'pci-modern', slot: '02.0' } as const;
      const devices = [qemuVirtioRng({ ...slot, properties: { packed: true } })];
      const ask = (lengthWithoutWrite: boolean): Uint8Array => {
        const driver = virtioRngDxeWith({
          ring: { wants: VIRTIO_RING_FEATURES, lengthWithoutWrite },
        });
        using world = new QemuWorld({ devices, drivers: [driver], without: [driver.name] });
        const bytes = new Uint8Array(1000);
        world.connect().open(RngProtocol).getRng(EFI_RNG_ALGORITHM_RAW, bytes);
        return bytes;
      };
      expect(new Set(ask(true)).size).toBeGreaterThan(100);
      expect(() => ask(false)).toThrow('its used descriptor lacks WRITE');
    });

    test('MMIO version 2 offers VIRTIO_F_RING_RESET without its register: EFI_DEVICE_ERROR', () => {
      using file = new ImageFile(IMAGE);
      using world = new RingWorld(transport('MMIO version 2'), ALL, file);
      const { traffic } = world;
      expect(traffic.features & VIRTIO_F_RING_RESET).not.toBe(0n);
      expect(() => traffic.reset()).toThrow('EFI_DEVICE_ERROR: virtqueue 0 does not come back');
    });
  },
);
