import type { EfiPciRootBridgeAccess } from '@dxelab/uefi';
import { EFI_PCI_ATTRIBUTE_VGA_MEMORY } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { FakeSpace } from './fake-space.fixture.ts';
import { RootBridgeAttributes } from './root-bridge-attributes.ts';
import { RootBridgeSpace } from './root-bridge-space.ts';

const GIB = 2 ** 30;

function memory() {
  const space = new FakeSpace();
  const attributes = new RootBridgeAttributes();
  const windows = {
    low: { base: 0xc0000000, length: 0x1000 },
    high: { base: 32 * GIB, length: 0x1000 },
    legacy: { base: 0xa0000, length: 0x20000 },
    legacyAttributes: EFI_PCI_ATTRIBUTE_VGA_MEMORY,
  };
  const mem: EfiPciRootBridgeAccess = new RootBridgeSpace(space, windows, attributes, 8);
  return { space, attributes, mem };
}

function ports() {
  const space = new FakeSpace();
  const attributes = new RootBridgeAttributes();
  const windows = {
    low: { base: 0xc000, length: 0x1000 },
    high: undefined,
    legacy: { base: 0, length: 0x1000 },
    legacyAttributes: 0xffffffff,
  };
  const io: EfiPciRootBridgeAccess = new RootBridgeSpace(space, windows, attributes, 4);
  return { space, attributes, io };
}

describe('one value (UEFI §14.2, Mem.Read and Mem.Write)', () => {
  test('is one access of its width', () => {
    const { mem, space } = memory();
    mem.write(0, 0xc0000001, 0x12);
    mem.write(1, 0xc0000002, 0x3456);
    mem.write(2, 32 * GIB, 0x789abcde);
    expect([mem.read(0, 0xc0000001), mem.read(1, 0xc0000002), mem.read(2, 32 * GIB)]).toEqual([
      0x12, 0x3456, 0x789abcde,
    ]);
    expect(space.taken()).toEqual([
      'W8 c0000001 = 12',
      'W16 c0000002 = 3456',
      'W32 800000000 = 789abcde',
      'R8 c0000001',
      'R16 c0000002',
      'R32 800000000',
    ]);
  });

  test('unaligned is EFI_UNSUPPORTED, also outside the apertures, and touches nothing', () => {
    const { mem, space } = memory();
    expect(() => mem.read(1, 0xc0000001)).toThrow(/EFI_UNSUPPORTED/);
    expect(() => mem.read(2, 0xc0000002)).toThrow(/EFI_UNSUPPORTED/);
    expect(() => mem.write(2, 0x12345, 0)).toThrow(/EFI_UNSUPPORTED/);
    expect(space.taken()).toEqual([]);
  });

  test.each([
    ['before an aperture', 0xbffffffc],
    ['behind an aperture', 0xc0001000],
    ['behind the high aperture', 32 * GIB + 0x1000],
    ['negative', -4],
    ['not a number', Number.NaN],
  ])('%s is EFI_INVALID_PARAMETER', (_, address) => {
    const { mem, space } = memory();
    expect(() => mem.read(2, address)).toThrow(/EFI_INVALID_PARAMETER.*c0000000-0xc0001000/);
    expect(() => mem.write(2, address, 0)).toThrow(/EFI_INVALID_PARAMETER/);
    expect(space.taken()).toEqual([]);
  });
});

describe('what is decoded besides the apertures', () => {
  test('the frame buffer of a VGA, while the attribute is set', () => {
    const { mem, attributes } = memory();
    expect(mem.read(2, 0xbfffc)).toBe(0);
    attributes.set(0);
    expect(() => mem.read(2, 0xbfffc)).toThrow(/EFI_INVALID_PARAMETER/);
  });

  test('the ports below 0x1000, while any legacy attribute is set', () => {
    const { io, attributes } = ports();
    expect(io.read(0, 0xfff)).toBe(0);
    expect(() => io.read(1, 0x1000)).toThrow(/EFI_INVALID_PARAMETER/);
    attributes.set(0);
    expect(() => io.read(0, 0xfff)).toThrow(/EFI_INVALID_PARAMETER/);
    expect(io.read(0, 0xc000)).toBe(0);
  });
});

describe('several values through a buffer', () => {
  test('walk on both sides, little-endian', () => {
    const { mem, space } = memory();
    mem.writeBuffer(1, 0xc0000010, 2, Uint8Array.of(1, 2, 3, 4));
    const buffer = new Uint8Array(4);
    mem.readBuffer(0, 0xc0000010, 4, buffer);
    expect([...buffer]).toEqual([1, 2, 3, 4]);
    expect(space.taken().slice(0, 2)).toEqual(['W16 c0000010 = 201', 'W16 c0000012 = 403']);
  });

  test('a FIFO keeps the address', () => {
    const { io, space } = ports();
    io.writeBuffer(5, 0xc000, 2, Uint8Array.of(1, 2, 3, 4));
    expect(space.taken()).toEqual(['W16 c000 = 201', 'W16 c000 = 403']);
  });

  test('a fill keeps the place in the buffer', () => {
    const { mem, space } = memory();
    mem.writeBuffer(10, 0xc0000000, 2, Uint8Array.of(1, 2, 3, 4));
    expect(space.taken()).toEqual(['W32 c0000000 = 4030201', 'W32 c0000004 = 4030201']);
  });

  test('64 bits are one access of memory, and nothing that a port has', () => {
    const { mem, space } = memory();
    const value = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    mem.writeBuffer(3, 0xc0000008, 1, value);
    const back = new Uint8Array(8);
    mem.readBuffer(3, 0xc0000008, 1, back);
    expect(back).toEqual(value);
    expect(space.taken()).toEqual(['W64 c0000008 = 807060504030201', 'R64 c0000008']);
    expect(() => ports().io.readBuffer(3, 0xc000, 1, back)).toThrow(/EFI_INVALID_PARAMETER/);
  });

  test('the whole range must be inside, before anything is touched; a FIFO is one value long', () => {
    const { mem, space } = memory();
    const buffer = new Uint8Array(16);
    expect(() => mem.readBuffer(2, 0xc0000ff8, 4, buffer)).toThrow(/EFI_INVALID_PARAMETER/);
    expect(() => mem.writeBuffer(2, 0xc0000ff8, 4, buffer)).toThrow(/EFI_INVALID_PARAMETER/);
    expect(space.taken()).toEqual([]);
    mem.readBuffer(6, 0xc0000ffc, 4, buffer);
    expect(space.taken()).toHaveLength(4);
  });

  test('a buffer that is too short is EFI_INVALID_PARAMETER', () => {
    const { mem } = memory();
    expect(() => mem.readBuffer(2, 0xc0000000, 2, new Uint8Array(7))).toThrow(
      /EFI_INVALID_PARAMETER.*8 bytes/,
    );
  });
});
