import { Cycles, GuestRam, LocalRam } from '@dxelab/platform';
import type { EfiScsiRequestPacket } from '@dxelab/uefi';
import { efiStatusOf } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { presetResponse, readResponse, requireOk, RESPONSE_SIZE } from './scsi-response.ts';

const AT = 0x100;
const ALL = 0x7fff_ffff;

function ram(): GuestRam {
  const storage = new LocalRam([{ base: 0, bytes: new Uint8Array(0x1000).fill(0xcc) }]);
  return new GuestRam(new Cycles(() => {}), storage, storage.ranges[0]);
}

interface Response {
  readonly senseLen?: number;
  readonly residual?: number;
  readonly status?: number;
  readonly response?: number;
}

interface Case {
  readonly inLength?: number;
  readonly outLength?: number;
  readonly senseRoom?: number;
  readonly senseData?: Uint8Array;
  readonly written?: number;
  readonly unclamped?: boolean;
}

/** What the packet says after a response, whose sense data are 1, 2, 3, … */
function read(response: Response, request: Case = {}) {
  const memory = ram();
  memory.writeUint32(AT, response.senseLen ?? 0);
  memory.writeUint32(AT + 4, response.residual ?? 0);
  memory.writeUint16(AT + 8, 0xdead);
  memory.writeUint8(AT + 10, response.status ?? 0);
  memory.writeUint8(AT + 11, response.response ?? 0);
  memory.writeBytes(
    AT + 12,
    Uint8Array.from({ length: 96 }, (_, at) => at + 1),
  );
  const packet: EfiScsiRequestPacket = {
    timeout: 0,
    inDataBuffer: undefined,
    outDataBuffer: undefined,
    senseData: request.senseData,
    cdb: new Uint8Array(6),
    inTransferLength: request.inLength ?? 0,
    outTransferLength: request.outLength ?? 0,
    dataDirection: 0,
    hostAdapterStatus: 0xee,
    targetStatus: 0xee,
    senseDataLength: request.senseRoom ?? 0,
  };
  const { written = ALL, unclamped = false } = request;
  const result = readResponse(memory, AT, written, unclamped, packet);
  return { result, packet };
}

function outcome(body: () => void): string {
  try {
    body();
    return 'EFI_SUCCESS';
  } catch (caught) {
    return efiStatusOf(caught);
  }
}

describe('a response becomes a status and a host adapter status (VirtioScsi.c: ParseResponse)', () => {
  test.each([
    [0, 'EFI_SUCCESS', 0x00],
    [1, 'EFI_DEVICE_ERROR', 0x12],
    [2, 'EFI_DEVICE_ERROR', 0x7f],
    [3, 'EFI_TIMEOUT', 0x09],
    [4, 'EFI_DEVICE_ERROR', 0x0e],
    [5, 'EFI_NOT_READY', 0x00],
    [6, 'EFI_DEVICE_ERROR', 0x7f],
    [7, 'EFI_DEVICE_ERROR', 0x7f],
    [8, 'EFI_DEVICE_ERROR', 0x7f],
    [9, 'EFI_DEVICE_ERROR', 0x7f],
    [10, 'EFI_DEVICE_ERROR', 0x7f],
    [255, 'EFI_DEVICE_ERROR', 0x7f],
  ])('response %d: %s, 0x%x', (response, status, hostAdapterStatus) => {
    const { result, packet } = read({ response, status: 0x28 });
    expect(packet).toMatchObject({ hostAdapterStatus, targetStatus: 0x28 });
    expect(outcome(() => requireOk(result))).toBe(status);
  });
});

describe('sense data (virtio §5.6.6.1)', () => {
  test.each([
    ['as many as there are', 18, 64, 18],
    ['as many as there is room for', 18, 10, 10],
    ['no more than sense_size', 0xffff_ffff, 255, 96],
    ['none', 0, 18, 0],
  ])('%s, even with GOOD', (_what, senseLen, senseRoom, length) => {
    const senseData = new Uint8Array(255);
    const { packet } = read({ senseLen }, { senseRoom, senseData });
    expect(packet.senseDataLength).toBe(length);
    const expected = Uint8Array.from({ length: 255 }, (_, at) => (at < length ? at + 1 : 0));
    expect(senseData).toEqual(expected);
  });

  test('no more than the array holds, and none without an array', () => {
    const senseData = new Uint8Array(4);
    expect(read({ senseLen: 18 }, { senseRoom: 18, senseData }).packet.senseDataLength).toBe(4);
    expect(read({ senseLen: 18 }, { senseRoom: 18 }).packet.senseDataLength).toBe(0);
  });
});

describe('a residual is missing from what comes in first, then from what goes out', () => {
  test.each([
    [0, 36, 24, 36, 24],
    [6, 36, 24, 30, 24],
    [36, 36, 24, 0, 24],
    [40, 36, 24, 0, 20],
    [60, 36, 24, 0, 0],
    [512, 512, 0, 0, 0],
    [100, 0, 512, 0, 412],
  ])('%d of %d in and %d out', (residual, inLength, outLength, inLeft, outLeft) => {
    for (const unclamped of [false, true]) {
      const { packet } = read({ residual }, { inLength, outLength, unclamped });
      expect([packet.inTransferLength, packet.outTransferLength]).toEqual([inLeft, outLeft]);
    }
  });

  test.each([61, 0x8000_0000, 0xffff_ffff])('%d of 60: nothing was moved', (residual) => {
    const { packet } = read({ residual }, { inLength: 36, outLength: 24 });
    expect([packet.inTransferLength, packet.outTransferLength]).toEqual([0, 0]);
  });

  test.each([
    [61, 0xffff_ffff],
    [0xffff_ffff, 61],
  ])('QUIRK ResidualUnclamped: %d of 60 out wraps to %d', (residual, outLeft) => {
    const { packet } = read({ residual }, { inLength: 36, outLength: 24, unclamped: true });
    expect([packet.inTransferLength, packet.outTransferLength]).toEqual([0, outLeft]);
  });
});

describe('what the device says it has not written is not there (virtio §2.7.8.3)', () => {
  test.each([
    [RESPONSE_SIZE + 512, 512, 18],
    [RESPONSE_SIZE + 7, 7, 18],
    [RESPONSE_SIZE, 0, 18],
    [12 + 5, 0, 5],
    [12, 0, 0],
  ])('%d bytes: %d of data and %d of sense data', (written, inLength, senseLength) => {
    const request = { written, inLength: 512, senseRoom: 18, senseData: new Uint8Array(18) };
    const { packet } = read({ senseLen: 18 }, request);
    expect([packet.inTransferLength, packet.senseDataLength]).toEqual([inLength, senseLength]);
  });

  test('data that are missing anyway are not missed twice', () => {
    const request = { written: RESPONSE_SIZE + 36, inLength: 255 };
    expect(read({ residual: 219 }, request).packet.inTransferLength).toBe(36);
  });

  test.each([0, 11])('%d bytes are no response', (written) => {
    expect(() => read({}, { written })).toThrow('EFI_DEVICE_ERROR');
  });
});

test('a response that nobody writes is a failure, whatever was there before', () => {
  const memory = ram();
  presetResponse(memory, AT);
  const bytes = new Uint8Array(12);
  memory.readBytes(AT, bytes);
  expect(bytes).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9));
});
