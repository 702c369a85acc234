import { describe, expect, test } from 'vitest';
import { scsiAddress, targetArray, targetNumber, virtioScsiLun } from './scsi-address.ts';

function lunBytes(target: number, lun: number): string {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, virtioScsiLun(target, lun), true);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

describe('the address of a logical unit (virtio §5.6.6.1)', () => {
  test.each([
    [0, 0, '01004000'],
    [3, 5, '01034005'],
    [255, 255, '01ff40ff'],
    [7, 256, '01074100'],
    [255, 16383, '01ff7fff'],
  ])('target %d, LUN %d: 1, the target, and the LUN by flat addressing', (target, lun, bytes) => {
    expect(lunBytes(target, lun)).toBe(bytes);
  });
});

test('is a number that fits 32 bits without a sign', () => {
  expect(virtioScsiLun(0, 255)).toBe(0xff400001);
});

describe('a target of EFI_EXT_SCSI_PASS_THRU_PROTOCOL (UEFI §15.7.2)', () => {
  const rest = targetArray(0x1234).fill(0xaa, 2);

  test('is 16 bytes, its number in the first two', () => {
    expect([...targetArray(0x1234)]).toEqual([0x34, 0x12, ...new Uint8Array(14)]);
    expect(targetNumber(targetArray(0x1234), false)).toBe(0x1234);
  });

  test('is none if there is something behind the number', () => {
    for (let at = 2; at < 16; at++) {
      const target = targetArray(1);
      target[at] = 1;
      expect(targetNumber(target, false)).toBe(0x1_0000);
    }
    expect(targetNumber(rest, true)).toBe(0x1234);
  });

  test.each([0, 2, 15, 17])('is none in %d bytes', (length) => {
    expect(targetNumber(new Uint8Array(length), true)).toBe(0x1_0000);
  });

  test('the next one keeps what is behind the number of the one before', () => {
    expect(targetArray(0x35, rest)).toEqual(targetArray(0x35).fill(0xaa, 2));
    expect(scsiAddress(1, 2, { target: rest, lun: 9 })).toEqual({
      target: targetArray(1).fill(0xaa, 2),
      lun: 2,
    });
  });
});
