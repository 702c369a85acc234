import { Cycles, GuestRam, LocalRam } from '@dxelab/platform';
import { describe, expect, test } from 'vitest';
import { REQUEST_SIZE, writeRequestHeader } from './request-header.ts';

const AT = 0x40;

function header(cdb: Uint8Array, id = 0x1_0000_0002): Uint8Array {
  const storage = new LocalRam([{ base: 0, bytes: new Uint8Array(0x100).fill(0xcc) }]);
  const ram = new GuestRam(new Cycles(() => {}), storage, storage.ranges[0]);
  writeRequestHeader(ram, AT, 0xfe_40_03_01, id, cdb);
  const bytes = new Uint8Array(0x100);
  ram.readBytes(0, bytes);
  expect(bytes.subarray(0, AT)).toEqual(new Uint8Array(AT).fill(0xcc));
  expect(bytes[AT + REQUEST_SIZE]).toBe(0xcc);
  return bytes.subarray(AT, AT + REQUEST_SIZE);
}

describe('the header of a request (virtio §5.6.6.1)', () => {
  test('has 51 bytes: LUN, id, a simple task, and the CDB', () => {
    const cdb = Uint8Array.from({ length: 32 }, (_, at) => 0x80 + at);
    const lunAndId = [0x01, 0x03, 0x40, 0xfe, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0];
    expect([...header(cdb)]).toEqual([...lunAndId, 0, 0, 0, ...cdb]);
  });

  test.each([6, 10, 12, 16, 29])('zeros follow a CDB of %d bytes', (length) => {
    const cdb = new Uint8Array(length).fill(0xff);
    expect(header(cdb).subarray(19)).toEqual(new Uint8Array(32).fill(0xff, 0, length));
  });
});
