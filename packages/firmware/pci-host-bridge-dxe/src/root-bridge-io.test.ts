import type { PciRootBridgeHob } from '@dxelab/platform';
import { Cycles, GuestRam, LocalRam } from '@dxelab/platform';
import { Quirks } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { Ecam } from './config/ecam.ts';
import { RootBridgeConfig } from './config/root-bridge-config.ts';
import { DirectDma } from './dma/direct-dma.ts';
import { FakeSpace } from './fake-space.fixture.ts';
import { RootBridgeAttributes } from './root-bridge-attributes.ts';
import { RootBridgeIo } from './root-bridge-io.ts';
import { RootBridgeSpace } from './root-bridge-space.ts';
import { RootBridge } from './root-bridge.ts';

const BASE = 0xc0000000;
const ECAM = { base: 0xe0000000, length: 0x10000000 };
const HOB: PciRootBridgeHob = {
  segment: 5,
  firstBus: 0,
  lastBus: 255,
  io: { base: 0xc000, length: 0x1000 },
  mem32: { base: BASE, length: 0x1000 },
  mem64: undefined,
  ecam: ECAM,
  dmaAbove4G: false,
};

function world() {
  const space = new FakeSpace();
  const rootBridge = new RootBridge(HOB);
  const attributes = new RootBridgeAttributes();
  const none = { base: 0, length: 0 };
  const windows = { low: HOB.mem32, high: undefined, legacy: none, legacyAttributes: 0 };
  const ram = new GuestRam(new Cycles(() => {}), new LocalRam([]));
  const pages = { allocatePages: () => 0, freePages: () => {} };
  const stalls: number[] = [];
  const io = new RootBridgeIo(
    { stall: (microseconds) => stalls.push(microseconds) },
    {
      parentHandle: { number: 1 },
      rootBridge,
      attributes,
      mem: new RootBridgeSpace(space, windows, attributes, 8),
      io: new RootBridgeSpace(space, { ...windows, low: HOB.io }, attributes, 4),
      pci: new RootBridgeConfig(new Ecam(space, ECAM), HOB, false),
      dma: new DirectDma(pages, ram, false, new Quirks('specification')),
    },
  );
  return { io, space, rootBridge, stalls };
}

describe('attributes of a root bridge (UEFI §14.2, GetAttributes and SetAttributes)', () => {
  test('are those of OVMF: 0x70069, all set', () => {
    expect(world().io.getAttributes()).toEqual({ supports: 0x70069, attributes: 0x70069 });
  });

  test('others are EFI_UNSUPPORTED, and change nothing', () => {
    const { io } = world();
    expect(() => io.setAttributes(0x70069 | 0x10)).toThrow(/EFI_UNSUPPORTED.*0x10/);
    expect(() => io.setAttributes(0x80000000)).toThrow(/EFI_UNSUPPORTED/);
    expect(io.getAttributes().attributes).toBe(0x70069);
    io.setAttributes(0x8);
    expect(io.getAttributes()).toEqual({ supports: 0x70069, attributes: 0x8 });
  });
});

describe('CopyMem (UEFI §14.2)', () => {
  test('copies value by value, through the checks of Mem', () => {
    const { io, space } = world();
    io.mem.write(2, BASE, 0x04030201);
    io.copyMem(1, BASE + 0x10, BASE, 2);
    expect(space.taken().slice(1)).toEqual([
      'R16 c0000000',
      'W16 c0000010 = 201',
      'R16 c0000002',
      'W16 c0000012 = 403',
    ]);
    expect(() => io.copyMem(2, BASE, BASE + 0x1000, 1)).toThrow(/EFI_INVALID_PARAMETER/);
  });

  test('an overlapping copy upwards begins at the top', () => {
    const { io } = world();
    io.mem.write(2, BASE, 0x04030201);
    io.copyMem(0, BASE + 1, BASE, 4);
    expect([io.mem.read(0, BASE), io.mem.read(0, BASE + 1), io.mem.read(0, BASE + 4)]).toEqual([
      1, 1, 4,
    ]);
  });

  test.each([4, 8, 12])('width %i is EFI_INVALID_PARAMETER', (width) => {
    expect(() => world().io.copyMem(width, BASE, BASE, 1)).toThrow(/EFI_INVALID_PARAMETER/);
  });
});

describe('PollMem and PollIo (UEFI §14.2)', () => {
  test('read the width asked for, and wait in microseconds', () => {
    const { io, space, stalls } = world();
    io.mem.write(2, BASE, 0x80);
    expect(io.pollMem(2, BASE, 0x80n, 0x80n, 100n)).toBe(0x80n);
    expect(() => io.pollIo(1, 0xc000, 1n, 1n, 20n)).toThrow(/EFI_TIMEOUT/);
    expect(stalls).toEqual([1, 1, 1]);
    expect(space.taken().slice(1)).toEqual(['R32 c0000000', ...Array(4).fill('R16 c000')]);
  });

  test('a FIFO width is EFI_INVALID_PARAMETER; so is what Mem refuses', () => {
    const { io } = world();
    expect(() => io.pollMem(4, BASE, 0n, 0n, 0n)).toThrow(/EFI_INVALID_PARAMETER/);
    expect(() => io.pollMem(2, 0, 0n, 0n, 0n)).toThrow(/EFI_INVALID_PARAMETER/);
    expect(() => io.pollMem(2, BASE + 1, 0n, 0n, 0n)).toThrow(/EFI_UNSUPPORTED/);
  });
});

test('the segment number is that of the platform', () => {
  expect(world().io.segmentNumber).toBe(5);
});
