import { LocalRam } from '@dxelab/platform';
import { describe, expect, test } from 'vitest';
import { Dma } from './dma.ts';
import type { MachineFinding } from './machine-finding.ts';

const FOUR_GIB = 2 ** 32;

function createDma() {
  const low = { base: 0, bytes: new Uint8Array(0x1000) };
  const high = { base: FOUR_GIB, bytes: new Uint8Array(0x1000) };
  const ram = new LocalRam([low, high]);
  const findings: MachineFinding[] = [];
  const space = {
    window: low,
    find: (address: number, length: number) => ram.find(address, length),
  };
  const dma = new Dma('disk', space, (finding) => findings.push(finding));
  return { dma, ram, findings };
}

describe("a device's view of RAM", () => {
  test.each([0, 0x123, FOUR_GIB, FOUR_GIB + 0x123])('values are little-endian at %i', (address) => {
    const { dma, ram } = createDma();
    dma.writeUint32(address, 0x81828384);
    expect(dma.readUint32(address)).toBe(0x81828384);
    expect(dma.readUint16(address)).toBe(0x8384);
    expect(dma.readUint8(address + 3)).toBe(0x81);
    dma.writeUint16(address + 2, 0xfffe);
    dma.writeUint8(address, 0x11);
    expect(ram.readUint32(address)).toBe(0xfffe8311);
    dma.writeUint64(address + 8, 0x1_2345_6789);
    expect(ram.readUint32(address + 12)).toBe(1);
    expect(dma.readUint64(address + 8)).toBe(0x1_2345_6789);
  });

  test('locate gives the array that holds the range, and where in it', () => {
    const { dma, ram } = createDma();
    ram.writeUint8(0x10, 7);
    const low = dma.locate(0x10, 0xff0);
    expect(low?.[dma.offset]).toBe(7);
    ram.writeUint8(FOUR_GIB + 0x20, 8);
    const high = dma.locate(FOUR_GIB + 0x20, 1);
    expect(high?.[dma.offset]).toBe(8);
  });

  test.each([
    ['behind the end', 0x1000, 1],
    ['across the end', 0xfff, 2],
    ['before the second range', FOUR_GIB - 1, 2],
    ['at 2^64', 2 ** 64, 4],
    ['longer than all RAM', 0, 2 ** 32 - 1],
  ])('a range %s is refused, counted and reported', (_, address, length) => {
    const { dma, findings } = createDma();
    expect(dma.locate(address, length)).toBeUndefined();
    expect(dma.refused).toBe(1);
    expect(findings).toMatchObject([
      { rule: 'machine dma-outside-ram', device: 'disk', fields: { address, length } },
    ]);
  });

  test('a refused read gives all-ones, a refused write changes nothing', () => {
    const { dma, ram } = createDma();
    expect(dma.readUint8(0x1000)).toBe(0xff);
    expect(dma.readUint16(0xfff)).toBe(0xffff);
    expect(dma.readUint32(0xffd)).toBe(0xffffffff);
    dma.writeUint32(0xffd, 0x01020304);
    dma.writeUint16(0xfff, 0x0102);
    expect(ram.readUint32(0xffc)).toBe(0);
    expect(dma.refused).toBe(5);
  });

  test('PCI 3.0 §6.2.2: without bus mastering nothing passes', () => {
    const { dma, findings } = createDma();
    dma.setEnabled(false);
    dma.writeUint32(0, 1);
    expect(dma.readUint32(0)).toBe(0xffffffff);
    expect(dma.locate(0, 1)).toBeUndefined();
    expect(findings.map(({ rule }) => rule)).toEqual(Array(3).fill('PCI-3.0 6.2.2'));
    dma.setEnabled(true);
    expect(dma.readUint32(0)).toBe(0);
  });

  test('every transaction is counted', () => {
    const { dma } = createDma();
    dma.readUint8(0);
    dma.readUint32(FOUR_GIB);
    dma.writeUint16(0, 0);
    dma.writeUint32(0x1000, 0);
    dma.locate(0, 16);
    expect(dma.accesses).toBe(5);
  });

  test('an IOMMU can stand between device and RAM', () => {
    const bytes = new Uint8Array(16).fill(5);
    const page = { base: 0x7000_0000, bytes };
    const space = {
      window: undefined,
      find: (address: number, length: number) =>
        address >= page.base && address + length <= page.base + 16 ? page : undefined,
    };
    const dma = new Dma('disk', space, () => {});
    expect(dma.readUint8(0x7000_0003)).toBe(5);
    dma.writeUint16(0x7000_0004, 0x0908);
    expect([...bytes.subarray(3, 7)]).toEqual([5, 8, 9, 5]);
    expect(dma.readUint8(3)).toBe(0xff);
  });
});
