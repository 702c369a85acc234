import { Cycles } from '@dxelab/platform';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EmulatedAddressSpace } from './emulated-address-space.ts';
import type { MachineFinding } from './machine-finding.ts';
import { RegionMap } from './region-map.ts';
import { Region } from './region.ts';

/** Registers of bytes that note which transactions arrive. */
class Registers {
  readonly bytes = new Uint8Array(16);
  readonly log: string[] = [];

  read(offset: number, width: number): number {
    this.log.push(`R${8 * width} +${offset}`);
    let value = 0;
    for (let index = width - 1; index >= 0; index--) {
      value = value * 256 + (this.bytes[offset + index] ?? 0);
    }
    return value;
  }

  write(offset: number, width: number, value: number): void {
    this.log.push(`W${8 * width} +${offset} = ${value.toString(16)}`);
    for (let index = 0; index < width; index++) this.bytes[offset + index] = value >>> (8 * index);
  }
}

function createSpace(floating: 'zeros' | 'ones' = 'zeros') {
  const findings: MachineFinding[] = [];
  const events: string[] = [];
  const regions = new RegionMap();
  const device = new Registers();
  regions.add(new Region('device', 0x1000, 16, device));
  const cycles = new Cycles(() => {});
  const space = new EmulatedAddressSpace({
    space: 'mmio',
    cycles,
    regions,
    floating,
    report: (finding) => findings.push(finding),
    trace: (name, fields) => events.push(`${name} ${JSON.stringify(fields)}`),
  });
  return { space, device, findings, events, regions, cycles };
}

describe('an emulated address space', () => {
  test('an aligned access is one transaction of its width', () => {
    const { space, device, findings } = createSpace();
    space.write8(0x1001, 0x1ff);
    space.write16(0x1002, 0x18182);
    space.write32(0x1004, -1);
    expect(space.read8(0x1001)).toBe(0xff);
    expect(space.read16(0x1002)).toBe(0x8182);
    expect(space.read32(0x1004)).toBe(0xffffffff);
    expect(device.log).toEqual([
      'W8 +1 = ff',
      'W16 +2 = 8182',
      'W32 +4 = ffffffff',
      'R8 +1',
      'R16 +2',
      'R32 +4',
    ]);
    expect(findings).toEqual([]);
  });

  test('64 bits are two transactions of 32, the lower half first', () => {
    const { space, device } = createSpace();
    space.write64(0x1008, 0x8000_0000_0000_0001n);
    expect(space.read64(0x1008)).toBe(0x8000_0000_0000_0001n);
    expect(device.log).toEqual(['W32 +8 = 1', 'W32 +12 = 80000000', 'R32 +8', 'R32 +12']);
  });

  test('a misaligned access is one transaction for each byte, ascending, and a finding', () => {
    const { space, device, findings } = createSpace();
    space.write32(0x1001, 0x81828384);
    expect(space.read16(0x1003)).toBe(0x8182);
    expect(device.log).toEqual([
      'W8 +1 = 84',
      'W8 +2 = 83',
      'W8 +3 = 82',
      'W8 +4 = 81',
      'R8 +3',
      'R8 +4',
    ]);
    expect(findings).toMatchObject([
      { rule: 'machine misaligned-access', device: 'mmio', fields: { address: 0x1001 } },
    ]);
  });

  test('an access across the end of a region reaches each byte where it is', () => {
    const { space, regions, findings } = createSpace('ones');
    const odd = new Registers();
    odd.bytes[0] = 0x12;
    odd.bytes[1] = 0x34;
    regions.add(new Region('odd', 0x2000, 2, odd));
    expect(space.read32(0x2000)).toBe(0xffff3412);
    space.write32(0x2000, 0xa1a2a3a4);
    expect([...odd.bytes.subarray(0, 4)]).toEqual([0xa4, 0xa3, 0, 0]);
    expect(findings.map(({ rule }) => rule)).toContain('machine crossing-access');
  });

  test.each([
    ['zeros', 0, 0, 0],
    ['ones', 0xff, 0xffff, 0xffffffff],
  ] as const)('where nobody answers, all bits read %s', (floating, byte, word, dword) => {
    const { space } = createSpace(floating);
    expect(space.read8(0x3000)).toBe(byte);
    expect(space.read16(0x3000)).toBe(word);
    expect(space.read32(0x3000)).toBe(dword);
    expect(() => space.write32(0x3000, 1)).not.toThrow();
  });

  test('an access to nothing is reported once for each page', () => {
    const { space, findings } = createSpace();
    for (let poll = 0; poll < 10; poll++) space.read32(0x3000 + 4 * poll);
    space.read32(0x4000);
    expect(findings.map(({ message }) => message)).toEqual([
      'mmio read at 0x3000 is answered by nobody',
      'mmio read at 0x4000 is answered by nobody',
    ]);
  });

  test('each access costs time, and is traced with what it moved', () => {
    const { space, events, cycles } = createSpace();
    space.write32(0x1004, 7);
    space.read8(0x1004);
    space.read16(0x5000);
    expect(events).toEqual([
      'memory_region_ops_write {"space":"mmio","region":"device","address":4100,"size":4,"value":7}',
      'memory_region_ops_read {"space":"mmio","region":"device","address":4100,"size":1,"value":7}',
      'memory_region_ops_read {"space":"mmio","region":"","address":20480,"size":2,"value":0}',
    ]);
    expect(cycles.accesses).toBe(3);
  });

  test('what a careless device returns is cut to the width of the access', () => {
    const { space, regions } = createSpace();
    regions.add(new Region('wide', 0, 8, { read: () => -1, write: () => {} }));
    expect(space.read8(0)).toBe(0xff);
    expect(space.read16(0)).toBe(0xffff);
    expect(space.read32(0)).toBe(0xffffffff);
  });

  test('any access reads what was written byte by byte', () => {
    const access = fc.record({
      address: fc.integer({ min: 0xff8, max: 0x1018 }),
      width: fc.constantFrom(1, 2, 4),
      value: fc.nat(0xffffffff),
    });
    fc.assert(
      fc.property(fc.array(access), (accesses) => {
        const { space } = createSpace();
        const model = new Map<number, number>();
        for (const { address, width, value } of accesses) {
          if (width === 1) space.write8(address, value);
          else if (width === 2) space.write16(address, value);
          else space.write32(address, value);
          for (let index = 0; index < width; index++) {
            const byte = address + index;
            if (byte >= 0x1000 && byte < 0x1010) model.set(byte, (value >>> (8 * index)) & 0xff);
          }
          const bytes = Array.from({ length: 0x20 }, (_, index) => 0xff8 + index);
          expect(bytes.map((byte) => space.read8(byte))).toEqual(
            bytes.map((byte) => model.get(byte) ?? 0),
          );
        }
      }),
    );
  });
});
