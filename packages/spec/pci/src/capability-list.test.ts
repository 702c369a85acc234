import { EfiError, efiStatusOf } from '@dxelab/uefi';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PciConfigReader } from './capability-list.ts';
import { readPciCapabilities } from './capability-list.ts';

/** Configuration space from its bytes, and what was read of it: `R16 6`. */
function space(size: number, ...patches: readonly (readonly [number, ...number[]])[]) {
  const bytes = new Uint8Array(size);
  for (const [offset, ...values] of patches) bytes.set(values, offset);
  const view = new DataView(bytes.buffer);
  const reads: string[] = [];
  const read: PciConfigReader = (width, offset) => {
    reads.push(`R${8 << width} ${offset.toString(16)}`);
    if (offset >= size) throw new EfiError('EFI_UNSUPPORTED', 'beyond the configuration space');
    if (width === 0) return view.getUint8(offset);
    return width === 1 ? view.getUint16(offset, true) : view.getUint32(offset, true);
  };
  return { read, reads };
}

const HAS_LIST = [0x06, 0x10, 0] as const;

describe('the normal list (PCI Local Bus 3.0 §6.7)', () => {
  test('there is none unless bit 4 of the status register says so', () => {
    const { read, reads } = space(0x100, [0x34, 0x40], [0x40, 0x09, 0]);
    expect(readPciCapabilities(read)).toEqual([]);
    expect(reads).toEqual(['R16 6']);
  });

  test('comes in list order, with the reads that BasePciCapLib makes', () => {
    const { read, reads } = space(0x100, HAS_LIST, [0x34, 0x60], [0x60, 0x09, 0x40], [0x40, 0x11]);
    expect(readPciCapabilities(read)).toEqual([
      { domain: 'normal', id: 0x09, offset: 0x60, sizeHint: 0xa0 },
      { domain: 'normal', id: 0x11, offset: 0x40, sizeHint: 0x20 },
    ]);
    expect(reads).toEqual(['R16 6', 'R8 34', 'R16 60', 'R16 40']);
  });

  test('the two reserved bits of a pointer do not count', () => {
    const { read } = space(0x100, HAS_LIST, [0x34, 0x43], [0x40, 0x09, 0x53], [0x50, 0x05, 0x03]);
    expect(readPciCapabilities(read).map(({ offset }) => offset)).toEqual([0x40, 0x50]);
  });

  test('a list that comes back to itself is a device error', () => {
    const { read } = space(0x100, HAS_LIST, [0x34, 0x40], [0x40, 9, 0x50], [0x50, 9, 0x40]);
    expect(() => readPciCapabilities(read)).toThrow(/EFI_DEVICE_ERROR.*0x40/);
    expect(() => readPciCapabilities(read, true)).toThrow(/EFI_DEVICE_ERROR/);
  });

  test('a pointer into the header is a device error, which BasePciCapLib does not see', () => {
    const { read } = space(0x100, HAS_LIST, [0x34, 0x10], [0x10, 0x09, 0]);
    expect(() => readPciCapabilities(read)).toThrow(/EFI_DEVICE_ERROR.*at least 0x40/);
    expect(readPciCapabilities(read, true)).toHaveLength(1);
  });
});

describe('the extended list (PCI Express Base 5.0 §7.6.3)', () => {
  const EXPRESS = [HAS_LIST, [0x34, 0x40], [0x40, 0x10, 0]] as const;

  test('is read when there is a PCI Express capability, and only then', () => {
    const { read } = space(0x1000, ...EXPRESS, [0x100, 1, 0, 1, 0x15], [0x150, 3, 0, 1, 0]);
    expect(readPciCapabilities(read).slice(1)).toEqual([
      { domain: 'extended', id: 1, offset: 0x100, sizeHint: 0x50 },
      { domain: 'extended', id: 3, offset: 0x150, sizeHint: 0xeb0 },
    ]);
    const conventional = space(0x1000, HAS_LIST, [0x34, 0x40], [0x40, 9, 0], [0x100, 1, 0, 1, 0]);
    expect(readPciCapabilities(conventional.read)).toHaveLength(1);
  });

  test.each([
    ['zero', 0x1000],
    ['refused', 0x100],
  ])('there is none when the read at 0x100 is %s', (_, size) => {
    expect(readPciCapabilities(space(size, ...EXPRESS).read)).toHaveLength(1);
  });

  test('all ones are nobody; BasePciCapLib runs into a loop of them', () => {
    const config = space(0x1000, ...EXPRESS);
    const read: PciConfigReader = (width, offset) =>
      offset < 0x100 ? config.read(width, offset) : 0xffffffff;
    expect(readPciCapabilities(read)).toHaveLength(1);
    expect(() => readPciCapabilities(read, true)).toThrow(/EFI_DEVICE_ERROR/);
  });

  test('a pointer below 0x100 is a device error', () => {
    const { read } = space(0x1000, ...EXPRESS, [0x100, 1, 0, 1, 0x04]);
    expect(() => readPciCapabilities(read)).toThrow(/EFI_DEVICE_ERROR.*at least 0x100/);
  });
});

/** The list, or the status of its refusal; anything else thrown is a bug and goes on. */
function walk(read: PciConfigReader, unchecked: boolean) {
  try {
    return { list: readPciCapabilities(read, unchecked), status: 'EFI_SUCCESS' };
  } catch (caught) {
    return { list: [], status: efiStatusOf(caught) };
  }
}

test('whatever the device says, the walk ends, with a status, and hints stay in their domain', () => {
  const bytes = fc.uint8Array({ minLength: 0x1000, maxLength: 0x1000 });
  fc.assert(
    fc.property(bytes, fc.boolean(), (content, unchecked) => {
      const { read } = space(0x1000, [0, ...content], HAS_LIST);
      const { list, status } = walk(read, unchecked);
      expect(['EFI_SUCCESS', 'EFI_DEVICE_ERROR']).toContain(status);
      for (const { domain, offset, sizeHint } of list) {
        expect(sizeHint).toBeGreaterThan(0);
        expect(offset + sizeHint).toBeLessThanOrEqual(domain === 'normal' ? 0x100 : 0x1000);
      }
    }),
  );
});
