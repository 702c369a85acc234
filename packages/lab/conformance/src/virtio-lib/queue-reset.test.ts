import { Quirks } from '@dxelab/uefi-lib';
import {
  VIRTIO_F_RING_RESET,
  VirtioDeviceProtocol,
  VirtioQueueAccessProtocol,
} from '@dxelab/virtio';
import type { RingOptions } from '@dxelab/virtio-devices';
import { VirtioMmio, VirtioPciModern } from '@dxelab/virtio-devices';
import { virtioFdtDxe } from '@dxelab/virtio-fdt-dxe';
import { VIRTIO_RING_FEATURES } from '@dxelab/virtio-lib';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { describe, expect, test } from 'vitest';
import type { BlkWorldOptions } from '../virtio-blk-dxe/blk-world.fixture.ts';
import { BlkWorld } from '../virtio-blk-dxe/blk-world.fixture.ts';
import { DiskTraffic } from './disk-traffic.fixture.ts';
import { RINGS } from './rings.fixture.ts';

type Plug = NonNullable<BlkWorldOptions['plug']>;
const TRANSPORTS: readonly (readonly [string, Plug])[] = [
  ['PCI modern', (disk, options) => new VirtioPciModern(disk, options)],
  ['MMIO version 2', (disk, options) => new VirtioMmio(disk, { ...options, version: 2 })],
];

/** How long each request is worked on, in nanoseconds: until then it is in flight. */
const LATENCY = 50_000;

function trafficOn(plug: Plug, ring: RingOptions): { world: BlkWorld; traffic: DiskTraffic } {
  const world = new BlkWorld({
    plug,
    modules: [virtio10Dxe, virtioFdtDxe],
    blk: { latency: LATENCY },
    transport: { ring },
  });
  world.connectAll();
  const { ram, cpu } = world.machine.platform;
  const traffic = new DiskTraffic({
    virtIo: world.openOnly(VirtioDeviceProtocol),
    access: world.openOnly(VirtioQueueAccessProtocol),
    bs: world.bs,
    libraries: { ram, memoryFence: () => cpu.fence(), quirks: new Quirks('specification') },
    image: world.disk,
    wants: VIRTIO_RING_FEATURES,
    queueSize: 64,
  });
  return { world, traffic };
}

describe.each(TRANSPORTS)('VIRTIO_F_RING_RESET from end to end, %s (§2.6.1)', (_name, plug) => {
  test.each(RINGS.filter(([, { reset }]) => reset !== false))(
    '%s: a queue is reset with requests in flight, begins anew and goes on',
    (_ring, offered) => {
      const { world, traffic } = trafficOn(plug, offered);
      expect(traffic.features & VIRTIO_F_RING_RESET).not.toBe(0n);
      for (let round = 1; round <= 10; round++) {
        traffic.run(30);
        traffic.submit(round);
        traffic.queue.kick();
        expect(traffic.queue.inFlight).toBe(round);
        traffic.reset();
        expect(traffic.queue.inFlight).toBe(0);
        const forgotten = traffic.memory;
        world.bs.stall((2 * LATENCY) / 1000);
        // what the device worked on when it lost the queue reaches no memory any more
        expect(Buffer.compare(traffic.memory, forgotten)).toBe(0);
        expect(traffic.queue.collect()).toBe(false);
      }
      traffic.run(200);
      expect(world.findings).toEqual([]);
    },
  );
});

test.each(TRANSPORTS)('%s: without the feature a queue goes on as it was', (_name, plug) => {
  const { world, traffic } = trafficOn(plug, { reset: false });
  traffic.submit(3);
  expect(() => traffic.reset()).toThrow('EFI_UNSUPPORTED: virtqueue 0 cannot be reset');
  traffic.run(100);
  expect(world.findings).toEqual([]);
});
