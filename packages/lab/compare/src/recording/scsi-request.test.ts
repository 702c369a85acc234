import { Cycles, GuestRam, LocalRam } from '@dxelab/platform';
import { describe, expect, test } from 'vitest';
import { readQueueRequest } from './read-queue-request.ts';
import type { Segment } from './ring.ts';
import { readScsiRequest } from './scsi-request.ts';

const [REQUEST, RESPONSE, DATA] = [0x100, 0x200, 0x400];
const [HEADER, ANSWER] = [51, 108];
const INQUIRY_36 = [0x12, 0, 0, 0, 36];
const LUN_300 = [1, 2, 0x41, 0x2c];

/** Guest RAM with a command in it, and room of so many bytes for what it delivers. */
function command({ lun = LUN_300, cdb = INQUIRY_36, id = 7, room = 96 } = {}) {
  const ram = new GuestRam(
    new Cycles(() => {}),
    new LocalRam([{ base: 0, bytes: new Uint8Array(0x1000) }]),
  );
  ram.writeBytes(REQUEST, Uint8Array.from(lun));
  ram.writeUint64(REQUEST + 8, id);
  ram.writeBytes(REQUEST + 19, Uint8Array.from(cdb));
  ram.fill(DATA, room, 0xdd);
  const segments: readonly Segment[] = [
    { address: REQUEST, length: HEADER, writable: false },
    { address: RESPONSE, length: ANSWER, writable: true },
    { address: DATA, length: room, writable: true },
  ];
  return { ram, segments };
}

function factsOf(
  { ram, segments }: ReturnType<typeof command>,
  length: number,
): readonly string[] | undefined {
  return readScsiRequest(ram, segments)
    ?.answer(length)
    .map(({ part, text }) => `${part}: ${text}`);
}

describe('a command (virtio §5.6.6.1)', () => {
  test('is known by its name and its unit; its id is left out, for it counts what came before', () => {
    const [first, second] = [command(), command({ id: 99 })].map(({ ram, segments }) =>
      readScsiRequest(ram, segments),
    );
    expect(first).toMatchObject({
      what: 'INQUIRY of 2:300',
      command: { name: 'INQUIRY', unit: '2:300' },
    });
    expect(first?.facts).toEqual([
      { part: 'descriptors', text: '51 to read, 108 to write, 96 to write' },
      { part: 'command', text: 'LUN 0102412c00000000, task 000000, CDB 1200000024' },
    ]);
    expect(second?.facts).toEqual(first?.facts);
  });

  test.each([
    ['a peripheral address', [1, 5, 0, 9], '5:9'],
    ['a well-known unit', [0xc1, 1, 0, 0], 'c101000000000000'],
    ['a method of addressing that SAM-6 has for others', [1, 5, 0x80, 0], '0105800000000000'],
  ])('to %s', (_what, lun, unit) => {
    const { ram, segments } = command({ lun });
    expect(readScsiRequest(ram, segments)?.command?.unit).toBe(unit);
  });

  test('has what it carries to the unit as data, however the buffer is cut (virtio §2.7.4)', () => {
    const { ram } = command({ cdb: [0x2a] });
    ram.writeUint16(REQUEST + HEADER, 0xbbaa);
    const request = readScsiRequest(ram, [
      { address: REQUEST, length: 10, writable: false },
      { address: REQUEST + 10, length: HEADER - 10 + 2, writable: false },
      { address: RESPONSE, length: ANSWER, writable: true },
    ]);
    expect(request?.what).toBe('WRITE (10) of 2:300');
    expect(request?.facts.at(-1)).toEqual({ part: 'data', text: 'aabb' });
  });

  test('without room for both headers is a request of which nobody knows more', () => {
    const { ram, segments } = command();
    for (const length of [0, HEADER - 1]) {
      const [request, ...rest] = segments.map((segment) => ({ ...segment }));
      const short = [{ ...request, address: REQUEST, length, writable: false }, ...rest];
      const origin = { device: 'virtio-scsi 02.0', queue: 2 };
      expect(readQueueRequest(ram, origin, short).what).toBe('request');
      expect(readQueueRequest(ram, origin, segments).what).toBe('INQUIRY of 2:300');
    }
    expect(readScsiRequest(ram, segments.slice(0, 2).toSpliced(1, 1))).toBeUndefined();
  });

  test.each([
    ['virtio-scsi 02.0', 0, 'request'],
    ['virtio-scsi mmio 23', 3, 'INQUIRY of 2:300'],
    ['virtio-blk 02.0', 2, 'request'],
  ])('is looked for on %s, queue %i: %s (virtio §5.6.2)', (device, queue, what) => {
    const { ram, segments } = command();
    expect(readQueueRequest(ram, { device, queue }, segments).what).toBe(what);
  });
});

describe('an answer', () => {
  test('has the length, how it ended, the residual, and of the data what the residual leaves', () => {
    const world = command();
    world.ram.writeUint32(RESPONSE + 4, 92);
    expect(factsOf(world, ANSWER + 96)).toEqual([
      'length: 204',
      'response: response 0, status 0',
      'residual: residual 92',
      'data: dddddddd',
    ]);
  });

  test('of a device that says that it wrote less has no more data than that', () => {
    expect(factsOf(command(), ANSWER + 2)?.at(-1)).toBe('data: dddd');
  });

  test('that ends before the header does is bytes', () => {
    expect(factsOf(command(), 4)).toEqual(['length: 4', 'data: 00000000', 'data: ']);
  });

  test('has the sense data that there are, and not what an earlier one left behind', () => {
    const world = command();
    const sense = [0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 0, 0, 0, 0, 0];
    world.ram.writeBytes(RESPONSE + 12, Uint8Array.from(sense));
    expect(factsOf(world, ANSWER)?.[1]).toBe('response: response 0, status 0');
    world.ram.writeUint32(RESPONSE, sense.length);
    world.ram.writeUint16(RESPONSE + 8, 3);
    world.ram.writeUint8(RESPONSE + 10, 2);
    expect(factsOf(world, ANSWER)?.[1]).toMatch(
      /^response: response 0, status 2, qualifier 3, sense 7000060{9}a0{8}290{10} UNIT ATTENTION, .* \(6\/29\/00\)$/,
    );
  });

  test.each([
    ['that failed has none: CHECK CONDITION', 10, 2, ''],
    ['that nobody carried out has none: BAD_TARGET', 11, 3, ''],
    ['that had more to say has what there was room for: OVERRUN', 11, 1, 'd'.repeat(64)],
  ])('of a command %s', (_what, field, value, data) => {
    const world = command({ room: 32 });
    world.ram.writeUint8(RESPONSE + field, value);
    expect(factsOf(world, ANSWER + 32)?.at(-1)).toBe(`data: ${data}`);
  });

  test('with a residual that cannot be has no data', () => {
    const world = command();
    world.ram.writeUint32(RESPONSE + 4, 0xffff_ffff);
    expect(factsOf(world, ANSWER + 96)?.at(-1)).toBe('data: ');
  });
});
