import {
  PRIVATE_MEMORY,
  PRIVATE_MEMORY_DONE,
  PRIVATE_MEMORY_MAKE_PRIVATE,
  PRIVATE_MEMORY_REFUSED,
  PRIVATE_MEMORY_SHARE,
} from '@dxelab/platform';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEmulatedMachine } from '../emulated-machine.ts';
import type { MachineFinding } from '../machine-finding.ts';

const FOUR_GIB = 2 ** 32;
const LOW = 8;
const HIGH = 4;

/** A machine with 8 pages from 0 and 4 pages from 4 GiB, all private, and one device's view of them. */
function createMachine() {
  const findings: MachineFinding[] = [];
  const machine = createEmulatedMachine({
    memory: [
      { base: 0, bytes: new Uint8Array(LOW * 4096) },
      { base: FOUR_GIB, bytes: new Uint8Array(HIGH * 4096) },
    ],
    privateMemory: true,
    onFinding: (finding) => findings.push(finding),
  });
  const { mmio, hobs, ram } = machine.platform;
  const registers = hobs.privateMemory?.registers ?? 0;
  const command = (code: number, address: number, pages: number): number => {
    mmio.write32(registers + PRIVATE_MEMORY.addressLow, address % FOUR_GIB);
    mmio.write32(registers + PRIVATE_MEMORY.addressHigh, Math.floor(address / FOUR_GIB));
    mmio.write32(registers + PRIVATE_MEMORY.pages, pages);
    mmio.write32(registers + PRIVATE_MEMORY.command, code);
    return mmio.read32(registers + PRIVATE_MEMORY.command);
  };
  const dma = machine.bus.createDma('disk');
  return { machine, mmio, ram, registers, command, dma, findings };
}

describe('private memory', () => {
  test('is what a machine has on request, and the firmware is told', () => {
    const { platform, bus } = createEmulatedMachine({ memory: 2 ** 20 });
    expect([platform.hobs.privateMemory, bus.privateMemory]).toEqual([undefined, false]);
    const { machine, registers } = createMachine();
    expect(machine.bus.privateMemory).toBe(true);
    expect(machine.platform.hobs.resources).toContainEqual({
      type: 'EFI_RESOURCE_MEMORY_MAPPED_IO',
      base: registers,
      length: 4096,
    });
  });

  test('belongs to the CPU: it reads and writes all of it', () => {
    const { ram, findings } = createMachine();
    ram.writeUint32(0x1ffe, 0x12345678);
    expect(ram.readUint32(0x1ffe)).toBe(0x12345678);
    expect(findings).toEqual([]);
  });

  test('a page that is shared is reached by devices, and no other', () => {
    const { dma, ram, command } = createMachine();
    expect(command(PRIVATE_MEMORY_SHARE, 0x2000, 2)).toBe(PRIVATE_MEMORY_DONE);
    dma.writeUint32(0x2000, 0x11223344);
    expect(ram.readUint32(0x2000)).toBe(0x11223344);
    expect(dma.locate(0x2000, 0x2000)?.length).toBe(LOW * 4096);
    for (const [address, length] of [
      [0x1fff, 1],
      [0x1fff, 2],
      [0x3fff, 2],
      [0x4000, 1],
      [0x1000, 0x4000],
    ] as const) {
      expect(dma.locate(address, length)).toBeUndefined();
    }
    expect(dma.readUint32(0x1000)).toBe(0xffff_ffff);
  });

  test('above 4 GiB, too', () => {
    const { dma, command } = createMachine();
    expect(dma.locate(FOUR_GIB + 0x1000, 1)).toBeUndefined();
    expect(command(PRIVATE_MEMORY_SHARE, FOUR_GIB + 0x1000, 1)).toBe(PRIVATE_MEMORY_DONE);
    expect(dma.locate(FOUR_GIB + 0x1000, 4096)).toBeDefined();
    expect(dma.locate(0x1000, 1)).toBeUndefined();
  });

  test('a refusal says which address, whose, for which queue, and where it is private', () => {
    const { dma, command, findings } = createMachine();
    command(PRIVATE_MEMORY_SHARE, 0x2000, 1);
    dma.queue = 3;
    dma.locate(0x2800, 0x1000);
    expect(findings).toEqual([
      {
        rule: 'machine dma-to-private-memory',
        device: 'disk',
        message:
          'DMA of 4096 bytes at 0x2800 for queue 3 reaches private memory at 0x3000: no page there was shared',
        fields: { address: 0x2800, length: 0x1000, queue: 3 },
      },
    ]);
    expect(dma.refused).toBe(1);
  });

  test('what is no RAM at all is reported as before', () => {
    const { dma, findings } = createMachine();
    dma.locate(LOW * 4096, 1);
    expect(findings.map(({ rule }) => rule)).toEqual(['machine dma-outside-ram']);
  });

  test('what was in a page is lost when it changes hands, and only then', () => {
    const { ram, command } = createMachine();
    ram.writeUint8(0x1fff, 1);
    ram.writeUint8(0x2000, 2);
    ram.writeUint8(0x3000, 3);
    command(PRIVATE_MEMORY_SHARE, 0x2000, 1);
    const bytes = (): number[] => [0x1fff, 0x2000, 0x3000].map((at) => ram.readUint8(at));
    expect(bytes()).toEqual([1, 0xa5, 3]);
    ram.writeUint8(0x2000, 4);
    command(PRIVATE_MEMORY_SHARE, 0x2000, 1);
    expect(bytes()).toEqual([1, 4, 3]);
    command(PRIVATE_MEMORY_MAKE_PRIVATE, 0x2000, 1);
    expect(bytes()).toEqual([1, 0xa5, 3]);
  });

  test('a page that is made private again is out of reach', () => {
    const { dma, command } = createMachine();
    command(PRIVATE_MEMORY_SHARE, 0, LOW);
    command(PRIVATE_MEMORY_MAKE_PRIVATE, 0x3000, 1);
    expect(dma.locate(0, 0x3000)).toBeDefined();
    expect(dma.locate(0x3000, 1)).toBeUndefined();
    expect(dma.locate(0x4000, 0x1000)).toBeDefined();
  });

  test('a reset makes every page private', () => {
    const { dma, command, machine, mmio } = createMachine();
    command(PRIVATE_MEMORY_SHARE, 0, LOW);
    expect(dma.locate(0, 1)).toBeDefined();
    expect(() => machine.platform.reset('EfiResetCold', 'a test')).toThrow('a test');
    expect(dma.locate(0, 1)).toBeUndefined();
    expect(() => mmio.read32(0)).toThrow('a test');
  });
});

describe('the registers that share pages', () => {
  test.each([
    ['an address in the middle of a page', PRIVATE_MEMORY_SHARE, 0x2001, 1],
    ['no pages', PRIVATE_MEMORY_SHARE, 0x2000, 0],
    ['more pages than the range has', PRIVATE_MEMORY_SHARE, 0x1000, LOW],
    ['an address where no RAM is', PRIVATE_MEMORY_SHARE, LOW * 4096, 1],
    ['an address beyond all RAM', PRIVATE_MEMORY_SHARE, FOUR_GIB * 2, 1],
    ['an unknown command', 3, 0x2000, 1],
    ['no command', 0, 0x2000, 1],
  ])('refuse %s, and nothing has changed', (_what, code, address, pages) => {
    const { dma, command, findings } = createMachine();
    expect(command(code, address, pages)).toBe(PRIVATE_MEMORY_REFUSED);
    expect(findings.map(({ rule }) => rule)).toEqual(['machine private-memory']);
    for (let page = 0; page < LOW; page++) expect(dma.locate(page * 4096, 1)).toBeUndefined();
    expect(command(PRIVATE_MEMORY_SHARE, 0x2000, 1)).toBe(PRIVATE_MEMORY_DONE);
  });

  test('read what was written', () => {
    const { mmio, registers, command } = createMachine();
    command(PRIVATE_MEMORY_SHARE, FOUR_GIB + 0x1000, 2);
    expect([0, 4, 8, 12].map((offset) => mmio.read32(registers + offset))).toEqual([
      0x1000,
      1,
      2,
      PRIVATE_MEMORY_DONE,
    ]);
  });

  test('have 32 bits, and there are four', () => {
    const { mmio, registers, findings } = createMachine();
    expect([mmio.read16(registers), mmio.read32(registers + 16)]).toEqual([0, 0]);
    mmio.write8(registers + PRIVATE_MEMORY.command, 1);
    mmio.write32(registers + 16, 1);
    expect(findings.map(({ rule }) => rule)).toEqual(Array(4).fill('machine private-memory'));
  });

  test('whatever is written, a device reaches a page exactly if it was shared last', () => {
    const step = fc.record({
      code: fc.constantFrom(1, 2),
      page: fc.nat(LOW + 1),
      pages: fc.nat(LOW + 1),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const { dma, command } = createMachine();
        const shared = Array<boolean>(LOW).fill(false);
        for (const { code, page, pages } of steps) {
          const valid = page < LOW && pages > 0 && page + pages <= LOW;
          expect(command(code, page * 4096, pages)).toBe(valid ? 0 : 1);
          if (valid) shared.fill(code === 1, page, page + pages);
        }
        expect(shared.map((_, page) => dma.locate(page * 4096, 4096) !== undefined)).toEqual(
          shared,
        );
      }),
      { numRuns: 100 },
    );
  });
});
