import { describe, expect, test } from 'vitest';
import { MemoryBackend } from '@dxelab/block-backends';
import { readScsiSense } from '@dxelab/scsi';
import { ScsiCdRom, ScsiDisk } from '@dxelab/scsi-targets';
import { command, lunBytes, request, REQUESTS, start } from './scsi-driver.fixture.ts';
import type { Answer } from './scsi-driver.fixture.ts';

const OK = 0;
const OVERRUN = 1;
const CHECK_CONDITION = 2;

/** A disk at target 0, whose sector n is filled with n, and a drive without a disc at target 1. */
function withDisk() {
  const bytes = new Uint8Array(64 * 512).map((_, index) => index >> 9);
  const disk = new ScsiDisk({ backend: new MemoryBackend(bytes) });
  const { bench, model } = start({
    units: [
      { target: 0, lun: 0, unit: disk },
      { target: 1, lun: 0, unit: new ScsiCdRom() },
    ],
  });
  // The unit attention of power-on (SAM-6 §5.14).
  request(bench, command([0x00]));
  request(bench, command([0x00], lunBytes(1)));
  return { bench, model, bytes };
}

function senseOf({ sense }: Answer): readonly [number, number] | undefined {
  const read = readScsiSense(Uint8Array.from(sense));
  return read === undefined ? undefined : [read.key, read.code];
}

describe('a SCSI disk behind the host', () => {
  test('READ (10) moves blocks into the driver’s buffers, however they are cut', () => {
    const { bench } = withDisk();
    bench.offer([command([0x28, 0, 0, 0, 0, 5, 0, 0, 2]), 100, 8 + 100, 412, 512], REQUESTS);
    const data = [
      ...bench.bytes(2, 108).subarray(8),
      ...bench.bytes(3, 412),
      ...bench.bytes(4, 512),
    ];
    expect(data.every((byte, index) => byte === (index < 512 ? 5 : 6))).toBe(true);
    expect([bench.used(REQUESTS).length, ...bench.broken]).toEqual([108 + 1024]);
  });

  test('WRITE (10) moves them from there', () => {
    const { bench, bytes } = withDisk();
    const out = new Uint8Array(512).fill(0xaa);
    const answer = request(bench, command([0x2a, 0, 0, 0, 0, 7, 0, 0, 1]), out);
    expect(answer).toMatchObject({ response: OK, status: 0, residual: 0 });
    expect([bytes[7 * 512], bytes[8 * 512 - 1], bytes[8 * 512]]).toEqual([0xaa, 0xaa, 8]);
  });

  test('a read into too little room is an OVERRUN that fills it', () => {
    const { bench } = withDisk();
    const cdb = [0x28, 0, 0, 0, 0, 5, 0, 0, 2];
    const answer = request(bench, command(cdb), undefined, 512);
    expect(answer).toMatchObject({ response: OVERRUN, residual: 0 });
    expect(answer.data[511]).toBe(5);
  });

  test('a write of too little is an OVERRUN that changes nothing', () => {
    const { bench, bytes } = withDisk();
    const before = bytes.slice();
    const cdb = [0x2a, 0, 0, 0, 0, 7, 0, 0, 2];
    const answer = request(bench, command(cdb), new Uint8Array(512).fill(0xaa));
    expect([answer.response, Buffer.compare(bytes, before)]).toEqual([OVERRUN, 0]);
  });

  test('beyond its end is ILLEGAL REQUEST, LOGICAL BLOCK ADDRESS OUT OF RANGE', () => {
    const { bench } = withDisk();
    const answer = request(bench, command([0x28, 0, 0, 0, 0, 64, 0, 0, 1]), undefined, 512);
    expect(answer).toMatchObject({ response: OK, status: CHECK_CONDITION, residual: 512 });
    expect(senseOf(answer)).toEqual([5, 0x2100]);
  });

  test('a drive without a disc is NOT READY, MEDIUM NOT PRESENT', () => {
    const { bench } = withDisk();
    const answer = request(bench, command([0x00], lunBytes(1)));
    expect([answer.status, senseOf(answer)]).toEqual([CHECK_CONDITION, [2, 0x3a00]]);
  });

  test('after a reset of the device there is a unit attention', () => {
    const { bench } = withDisk();
    bench.start();
    expect(senseOf(request(bench, command([0x00])))).toEqual([6, 0x2900]);
    expect(request(bench, command([0x00])).status).toBe(0);
  });

  test('another unit of its target changes what REPORT LUNS says, and it says so', () => {
    const { bench, model } = withDisk();
    model.plug(0, 300, new ScsiCdRom());
    const cdb = [0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 64];
    expect(senseOf(request(bench, command([0x00])))).toEqual([6, 0x3f0e]);
    expect(request(bench, command(cdb), undefined, 64).data.slice(0, 18)).toEqual([
      0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x41, 0x2c,
    ]);
    expect(request(bench, command([0x00])).status).toBe(0);
  });
});
