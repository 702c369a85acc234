import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryBackend } from '@dxelab/block-backends';
import { ScsiDisk } from '@dxelab/scsi-targets';
import { VERSION_1 } from '../../test-driver.fixture.ts';
import { CHANGE, command, HOTPLUG, INOUT, lunBytes, start, tmf } from './scsi-driver.fixture.ts';
import { CMD, TestUnit } from './scsi-unit.fixture.ts';

const byte = fc.nat(0xff);
const IMAGE_SIZE = 64 * 512;
const MARGIN = 4096;
const UNTOUCHED = 0xa7;
const lun = fc.oneof(
  fc.constantFrom(
    lunBytes(0),
    lunBytes(0, 1),
    lunBytes(3),
    Uint8Array.of(0xc1, 1, 0, 0, 0, 0, 0, 0),
  ),
  fc.uint8Array({ minLength: 8, maxLength: 8 }),
);
const cdb = fc.oneof(
  fc
    .tuple(fc.constantFrom(...Object.values(CMD), 0x12, 0x03, 0xa0), byte)
    .map((bytes) => [...bytes]),
  // What a disk knows, with the lengths and blocks that come.
  fc
    .tuple(
      fc.constantFrom(0x08, 0x0a, 0x15, 0x1a, 0x25, 0x28, 0x2a, 0x2f, 0x41, 0x42, 0x88, 0x8a, 0x93),
      fc.array(fc.oneof(fc.constant(0), byte), { maxLength: 15 }),
    )
    .map(([code, rest]) => [code, ...rest]),
  fc.array(byte, { maxLength: 32 }),
);
const piece = fc.oneof(
  fc.tuple(cdb, lun, fc.nat(4)).map(([bytes, where, id]) => command(bytes, where, id)),
  fc.tuple(fc.nat(8), lun, fc.nat(4)).map(([subtype, where, id]) => tmf(subtype, where, id)),
  fc.uint8Array({ maxLength: 60 }),
  fc.nat(300),
  fc.constant(108),
);
const step = fc.oneof(
  fc.record({
    queue: fc.nat(3),
    pieces: fc.array(piece, { minLength: 1, maxLength: 5 }),
    first: fc.nat(10),
  }),
  fc.record({ queue: fc.nat(3), offset: fc.nat(0x9000), value: fc.oneof(byte, fc.nat()) }),
  fc.record({ config: fc.nat(40), value: fc.oneof(byte, fc.nat()) }),
  fc.record({ plug: fc.nat(2) }),
  fc.record({ delay: fc.nat(2000) }),
);

test('whatever a driver writes into rings, requests and configuration, the device stays within RAM and disk', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 12 }),
      fc.constantFrom(0, 1000, Infinity),
      (steps, latency) => {
        const memory = new Uint8Array(IMAGE_SIZE + 2 * MARGIN).fill(UNTOUCHED);
        const image = memory.subarray(MARGIN, MARGIN + IMAGE_SIZE);
        const units = [
          { target: 0, lun: 0, unit: new TestUnit() },
          { target: 3, lun: 0, unit: new ScsiDisk({ backend: new MemoryBackend(image) }) },
        ];
        const options = { units, latency, inout: true, requestQueues: 2 };
        const { bench, model } = start(options, VERSION_1 | INOUT | HOTPLUG | CHANGE);
        const { ram, clock } = bench.machine.platform;
        for (const now of steps) {
          if ('pieces' in now) bench.offer(now.pieces, now.queue, now.first);
          else if ('offset' in now) {
            ram.writeUint32(bench.rings(now.queue).desc + now.offset, now.value);
            bench.notify(now.queue);
          } else if ('config' in now) bench.writeConfig(now.config, 1, now.value & 0xff);
          else if ('plug' in now) {
            if (model.unplug(now.plug, 0) === undefined) model.plug(now.plug, 0, new TestUnit(5));
          } else clock.delay(now.delay);
        }
        clock.delay(10_000);
        expect(bench.marginsIntact).toBe(true);
        const around = [memory.subarray(0, MARGIN), memory.subarray(MARGIN + IMAGE_SIZE)];
        expect(around.flatMap((bytes) => [...bytes].filter((at) => at !== UNTOUCHED))).toEqual([]);
        bench.start();
        expect(bench.status).toBe(0x0f);
      },
    ),
    { numRuns: 300 },
  );
}, 30_000);
