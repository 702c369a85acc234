import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { VERSION_1 } from '../../test-driver.fixture.ts';
import { CHANGE, command, HOTPLUG, INOUT, lunBytes, start, tmf } from './scsi-driver.fixture.ts';
import { CMD, TestUnit } from './scsi-unit.fixture.ts';

const byte = fc.nat(0xff);
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
  fc.record({ plug: fc.nat(3) }),
  fc.record({ delay: fc.nat(2000) }),
);

test('whatever a driver writes into rings, requests and configuration, the device stays within RAM', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 12 }),
      fc.constantFrom(0, 1000, Infinity),
      (steps, latency) => {
        const options = { latency, inout: true, requestQueues: 2 };
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
        bench.start();
        expect(bench.status).toBe(0x0f);
      },
    ),
    { numRuns: 300 },
  );
}, 30_000);
