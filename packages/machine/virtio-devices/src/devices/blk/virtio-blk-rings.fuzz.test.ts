import * as fc from 'fast-check';
import { MemoryBackend } from '@dxelab/block-backends';
import { expect, test } from 'vitest';
import { RingDriver } from '../../ring-driver.fixture.ts';
import { TestMachine } from '../../test-machine.fixture.ts';
import { VirtioBlk } from './virtio-blk.ts';

const INDIRECT = 1n << 28n;
const EVENT_IDX = 1n << 29n;
const PACKED = 1n << 34n;
const IN_ORDER = 1n << 35n;
const SECTORS = 64;
const CANARY = 0xc5;

function header(type: number, sector: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setBigUint64(8, BigInt(sector), true);
  return bytes;
}

test('whatever a driver writes into any ring and into requests, the device stays within RAM and disk', () => {
  const piece = fc.oneof(
    fc
      .record({ type: fc.nat(14), sector: fc.nat(70) })
      .map(({ type, sector }) => header(type, sector)),
    fc.uint8Array({ minLength: 1, maxLength: 40 }),
    fc.integer({ min: 1, max: 1100 }),
  );
  const patch = fc.record({ offset: fc.nat(0x9000), value: fc.oneof(fc.nat(0xff), fc.nat()) });
  fc.assert(
    fc.property(
      fc.array(fc.array(piece, { minLength: 1, maxLength: 6 }), { maxLength: 6 }),
      fc.array(patch, { maxLength: 6 }),
      fc.constantFrom(0, 1000),
      fc.constantFrom(0n, IN_ORDER, PACKED, PACKED | IN_ORDER, PACKED | EVENT_IDX | INDIRECT),
      fc.constantFrom('each', 'batch', 'shuffled'),
      fc.boolean(),
      (requests, patches, latency, features, completion, notifyWhileBusy) => {
        const disk = new Uint8Array(SECTORS * 512 + 64).fill(CANARY, SECTORS * 512);
        const backend = new MemoryBackend(disk.subarray(0, SECTORS * 512));
        const machine = new TestMachine(new VirtioBlk({ backend, latency }), {
          ring: { packed: true, inOrder: true, completion, notifyWhileBusy },
        });
        const queue = new RingDriver(machine, features);
        const { ram, clock } = machine.machine.platform;
        for (const pieces of requests) {
          queue.add(...pieces);
          for (const { offset, value } of patches) {
            ram.writeUint32(machine.rings(0).desc + (offset & ~3), value);
          }
          queue.notify();
        }
        clock.delay(10_000);
        expect(machine.marginsIntact).toBe(true);
        expect(disk.subarray(SECTORS * 512).every((byte) => byte === CANARY)).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
}, 30_000);

test('a disk that takes its time answers whatever the ring: every request, once', () => {
  for (const features of [0n, IN_ORDER, PACKED, PACKED | IN_ORDER]) {
    for (const completion of ['each', 'batch', 'shuffled'] as const) {
      for (const notifyWhileBusy of [true, false]) {
        const disk = new Uint8Array(SECTORS * 512).map((_, index) => index >> 9);
        const backend = new MemoryBackend(disk);
        const machine = new TestMachine(new VirtioBlk({ backend, latency: 700 }), {
          ring: { packed: true, inOrder: true, completion, notifyWhileBusy },
        });
        const queue = new RingDriver(machine, features);
        const { clock, ram } = machine.machine.platform;
        let done = 0;
        for (let sector = 0; done < 3 * SECTORS;) {
          while (queue.inFlight < 5 && sector < 3 * SECTORS) {
            queue.add(header(0, sector++ % SECTORS), 512, 1);
            if (queue.mustNotify()) queue.notify();
          }
          const before = queue.inFlight;
          queue.used();
          done += before - queue.inFlight;
          clock.delay(1);
        }
        expect(queue.inFlight).toBe(0);
        expect(machine.broken).toEqual([]);
        // The last request's data: its descriptors end where the next would begin.
        const data = (queue.next + queue.size - 2) % queue.size;
        expect(ram.readUint8(queue.buffer(data))).toBe(SECTORS - 1);
      }
    }
  }
});
