import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '@dxelab/emulated-machine';
import { TestMachine } from '../../test-machine.fixture.ts';
import type { VirtioRngOptions } from './virtio-rng.ts';
import { VirtioRng } from './virtio-rng.ts';

const CANARY = 0xc5;

function start(options: VirtioRngOptions = {}): TestMachine {
  const bench = new TestMachine(new VirtioRng(options));
  bench.start();
  return bench;
}

/** Counts up, from one request to the next. */
function counting(): (target: Uint8Array) => void {
  let next = 0;
  return (target) => {
    for (let at = 0; at < target.length; at++) target[at] = next++;
  };
}

describe('an entropy device (virtio §5.4)', () => {
  test('is of type 4, with one queue, no features and no configuration (§5.4.1 to §5.4.4)', () => {
    const model = new VirtioRng();
    const { deviceType, queueSizes, features, config } = model;
    expect([deviceType, queueSizes, features, config.length]).toEqual([4, [8], 0n, 0]);
    expect(start().status).toBe(0x0f);
  });

  test('fills all of the buffer, however the driver cut it, and not a byte beside it (§5.4.6)', () => {
    const bench = start({ entropy: counting() });
    bench.offer([3, 5]);
    expect(bench.used().length).toBe(8);
    expect([...bench.bytes(0, 4)]).toEqual([0, 1, 2, 0]);
    expect([...bench.bytes(1, 6)]).toEqual([3, 4, 5, 6, 7, 0]);
    expect(bench.broken).toEqual([]);
  });

  test('may use less than the entire buffer (§5.4.6.2)', () => {
    const bench = start({ entropy: counting(), bytesPerAnswer: 4 });
    bench.offer([3, 5]);
    expect(bench.used().length).toBe(4);
    expect([...bench.bytes(1, 3)]).toEqual([3, CANARY, CANARY]);
  });

  test('without entropy answers with nothing, as no device should', () => {
    const bench = start({ bytesPerAnswer: 0 });
    bench.offer([16]);
    expect(bench.used().length).toBe(0);
    expect([...bench.bytes(0, 16)]).toEqual(Array(16).fill(CANARY));
  });

  test('draws from the generator of the machine, whose seed says it all', () => {
    const bench = start();
    bench.offer([10]);
    const random = new Random(0);
    const words = Uint32Array.of(random.next(), random.next(), random.next());
    expect([...bench.bytes(0, 10)]).toEqual([...new Uint8Array(words.buffer, 0, 10)]);
  });

  test('takes its time, if it has a latency', () => {
    const bench = start({ latency: 50_000 });
    bench.offer([16]);
    bench.machine.platform.clock.delay(10_000);
    expect(bench.usedIndex()).toBe(0);
    bench.machine.platform.clock.delay(50_000);
    expect([bench.usedIndex(), bench.used().length]).toEqual([1, 16]);
  });

  test('delivers nothing after a reset', () => {
    const bench = start({ latency: 50_000 });
    bench.offer([16]);
    bench.status = 0;
    bench.machine.platform.clock.delay(100_000);
    expect([...bench.bytes(0, 16)]).toEqual(Array(16).fill(CANARY));
  });

  test.each([
    ['something to read', [Uint8Array.of(1, 2), 4], 4],
    ['nothing to write', [Uint8Array.of(1, 2)], 0],
  ])('reports a request with %s (§5.4.6.1)', (_what, pieces, length) => {
    const bench = start();
    bench.offer(pieces);
    expect([bench.used().length, ...bench.broken]).toEqual([length, 'virtio-1.4 5.4.6.1']);
  });

  test.each<[VirtioRngOptions, string]>([
    [{ bytesPerAnswer: -1 }, 'bytesPerAnswer must be a whole number from 0; it is -1'],
    [{ latency: 0.5 }, 'latency must be a whole number from 0; it is 0.5'],
  ])('options that no device can have are refused: %o', (options, message) => {
    expect(() => new VirtioRng(options)).toThrow(message);
  });

  test('a queue size is checked by the transport', () => {
    expect(() => start({ queueSize: 3 })).toThrow(
      'virtio-rng: a queue size is 0 or a power of two',
    );
  });
});

test('tracing shows the requests, in QEMU’s words', () => {
  const events: [string, unknown][] = [];
  const bench = new TestMachine(new VirtioRng({ bytesPerAnswer: 6 }), {
    name: 'rng0',
    trace: (name, fields) => events.push([name, fields]),
  });
  bench.start();
  bench.offer([16]);
  expect(events.filter(([name]) => name.startsWith('virtio_rng'))).toEqual([
    ['virtio_rng_request', { device: 'rng0', size: 16 }],
    ['virtio_rng_pushed', { device: 'rng0', len: 6 }],
  ]);
});

test('whatever a driver writes into the rings, the device stays within RAM', () => {
  const piece = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.nat(5000));
  const patch = fc.record({ offset: fc.nat(0x9000), value: fc.oneof(fc.nat(0xff), fc.nat()) });
  fc.assert(
    fc.property(
      fc.array(fc.array(piece, { minLength: 1, maxLength: 6 }), { maxLength: 4 }),
      fc.array(patch, { maxLength: 6 }),
      fc.constantFrom(0, 1000),
      fc.constantFrom(0, 1, 100, Infinity),
      (requests, patches, latency, most) => {
        const bench = start({ latency, ...(most === Infinity ? {} : { bytesPerAnswer: most }) });
        for (const pieces of requests) {
          bench.offer(pieces);
          for (const { offset, value } of patches) {
            bench.machine.platform.ram.writeUint32(bench.rings(0).desc + offset, value);
          }
          bench.notify(0);
        }
        bench.machine.platform.clock.delay(10_000);
        expect(bench.marginsIntact).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
}, 30_000);
