import type { EfiScsiRequestPacket } from '@dxelab/uefi';
import {
  EFI_EXT_SCSI_DATA_DIRECTION_BIDIRECTIONAL,
  EFI_EXT_SCSI_DATA_DIRECTION_READ,
  EFI_EXT_SCSI_DATA_DIRECTION_WRITE,
  efiStatusOf,
} from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import type { RequestLimits } from './check-request.ts';
import { checkRequest } from './check-request.ts';

const GIB = 2 ** 30;
const HALF = Math.floor(0xffff / 2) * 512;

const STANDARD: RequestLimits = {
  maxTarget: 31,
  maxLun: 7,
  maxSectors: 0xffff,
  bidirectional: true,
  halfOfMaxSectors: false,
  longTransfersUnsupported: false,
  unaddressableUnsupported: false,
};
const OVMF: RequestLimits = {
  ...STANDARD,
  halfOfMaxSectors: true,
  longTransfersUnsupported: true,
  unaddressableUnsupported: true,
};

interface Request extends Partial<EfiScsiRequestPacket> {
  readonly target?: number;
  readonly lun?: number;
}

/** Guest memory of any size: nobody looks into it. */
function memory(length: number): { readonly address: number; readonly length: number } {
  return { address: 0x1000, length };
}

function packetOf(request: Request): EfiScsiRequestPacket {
  return {
    timeout: 0,
    inDataBuffer: memory(4 * GIB),
    outDataBuffer: memory(4 * GIB),
    senseData: undefined,
    cdb: new Uint8Array(6),
    inTransferLength: 0,
    outTransferLength: 0,
    dataDirection: EFI_EXT_SCSI_DATA_DIRECTION_BIDIRECTIONAL,
    hostAdapterStatus: 0xee,
    targetStatus: 0xee,
    senseDataLength: 18,
    ...request,
  };
}

/** The status, and the packet as it is afterwards. */
function checked(limits: RequestLimits, request: Request) {
  const packet = packetOf(request);
  try {
    checkRequest(limits, request.target ?? 0, request.lun ?? 0, packet);
    return { status: 'EFI_SUCCESS', packet };
  } catch (caught) {
    return { status: efiStatusOf(caught), packet };
  }
}

const READ = EFI_EXT_SCSI_DATA_DIRECTION_READ;
const WRITE = EFI_EXT_SCSI_DATA_DIRECTION_WRITE;
const I = 'EFI_INVALID_PARAMETER';
const U = 'EFI_UNSUPPORTED';
const OK = 'EFI_SUCCESS';

describe.each([
  ['specification', STANDARD],
  ['edk2', OVMF],
] as const)('what is refused, with an unchanged packet (UEFI §15.7.2), %s', (profile, limits) => {
  const standard = profile === 'specification';
  test.each<readonly [string, Request, string]>([
    ['nothing to move', {}, OK],
    ['the last unit', { target: 31, lun: 7 }, OK],
    ['a LUN too high', { lun: 8 }, I],
    ['a target too high', { target: 32 }, I],
    ['a LUN that virtio cannot address', { lun: 0x4000 }, standard ? I : U],
    ['a target that virtio cannot address', { target: 0x100 }, standard ? I : U],
    ['half a LUN', { lun: 0.5 }, I],
    ['a LUN below 0', { lun: -1 }, I],
    ['a CDB of 32 bytes', { cdb: new Uint8Array(32) }, OK],
    ['a CDB of 33 bytes', { cdb: new Uint8Array(33) }, U],
    ['a direction there is not', { dataDirection: 3 }, I],
    ['incoming data, as it is written', { inTransferLength: 1, dataDirection: WRITE }, I],
    ['outgoing data, as it is read', { outTransferLength: 1, dataDirection: READ }, I],
    ['incoming data without a buffer', { inTransferLength: 1, inDataBuffer: undefined }, I],
    ['outgoing data without a buffer', { outTransferLength: 1, outDataBuffer: undefined }, I],
    ['more than the buffer holds', { inTransferLength: 9, inDataBuffer: memory(8) }, I],
    ['less than nothing', { outTransferLength: -1 }, I],
    ['half a byte', { inTransferLength: 0.5 }, I],
    ['both ways', { inTransferLength: 1, outTransferLength: 1 }, OK],
  ])('%s: %o', (_what, request, status) => {
    const { status: came, packet } = checked(limits, request);
    expect(came).toBe(status);
    expect(packet).toEqual(packetOf(request));
  });

  test('both ways, on a device that goes but one', () => {
    const request = { inTransferLength: 1, outTransferLength: 1, target: 99 };
    expect(checked({ ...limits, bidirectional: false }, request).status).toBe(U);
  });
});

describe('what is more than the device wants: EFI_BAD_BUFFER_SIZE, with what could be moved', () => {
  const TOO_MUCH = { hostAdapterStatus: 0x12, targetStatus: 0, senseDataLength: 0 };

  test.each<readonly [string, Request, number, number]>([
    ['in', { inTransferLength: 64 * 2 ** 20 }, 0xffff * 512, 0],
    ['out', { outTransferLength: 64 * 2 ** 20 }, 0, 0xffff * 512],
    [
      'both ways',
      { inTransferLength: 0xffff * 512, outTransferLength: 512 },
      (0xffff * 512) / 2,
      512,
    ],
    ['beyond 1 GiB', { inTransferLength: 2 * GIB }, 0xffff * 512, 0],
  ])('specification, %s: a transfer as a whole', (_what, request, most, mostOut) => {
    const { status, packet } = checked(STANDARD, request);
    expect(status).toBe('EFI_BAD_BUFFER_SIZE');
    expect(packet).toMatchObject({
      ...TOO_MUCH,
      inTransferLength: most,
      outTransferLength: mostOut,
    });
    expect(checked(STANDARD, packet).status).toBe(OK);
  });

  test('specification: all of max_sectors in one direction; 1 GiB whatever max_sectors says', () => {
    expect(checked(STANDARD, { inTransferLength: 0xffff * 512 }).status).toBe(OK);
    const unlimited = { ...STANDARD, maxSectors: 0xffff_ffff };
    expect(checked(unlimited, { inTransferLength: GIB }).status).toBe(OK);
    const { status, packet } = checked(unlimited, { inTransferLength: GIB + 1 });
    expect([status, packet.inTransferLength]).toEqual(['EFI_BAD_BUFFER_SIZE', GIB]);
  });

  test.each<readonly [string, Request]>([
    ['in', { inTransferLength: 64 * 2 ** 20 }],
    ['one byte over', { inTransferLength: HALF + 1 }],
    ['out', { outTransferLength: HALF + 512 }],
    ['both ways', { inTransferLength: 1, outTransferLength: HALF + 1 }],
  ])(
    'edk2, %s: half of it in each direction, and both lengths are overwritten',
    (_what, request) => {
      const { status, packet } = checked(OVMF, request);
      expect(status).toBe('EFI_BAD_BUFFER_SIZE');
      expect(packet).toMatchObject({
        ...TOO_MUCH,
        inTransferLength: 16776704,
        outTransferLength: 16776704,
      });
    },
  );

  test('edk2: half of it is accepted in both directions at once', () => {
    expect(checked(OVMF, { inTransferLength: HALF, outTransferLength: HALF }).status).toBe(OK);
  });

  test('edk2: more than 1 GiB is unsupported, and says no length', () => {
    const request = { inTransferLength: GIB, outTransferLength: 1 };
    const { status, packet } = checked(OVMF, request);
    expect(status).toBe(U);
    expect(packet).toMatchObject(request);
  });

  test('the order: unsupported, then invalid, then too large', () => {
    const huge = { inTransferLength: GIB, dataDirection: READ };
    expect(checked(OVMF, { ...huge, cdb: new Uint8Array(33), lun: 8 }).status).toBe(U);
    expect(checked(OVMF, { ...huge, lun: 8 }).status).toBe(I);
    expect(checked(OVMF, huge).status).toBe('EFI_BAD_BUFFER_SIZE');
  });
});
