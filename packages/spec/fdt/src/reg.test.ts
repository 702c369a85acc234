import { describe, expect, test } from 'vitest';
import type { FdtNode } from './device-tree.ts';
import { fdtNode } from './device-tree.ts';
import type { FdtPath } from './nodes.ts';
import { fdtPathText, fdtPaths, isFdtCompatible, isFdtEnabled } from './nodes.ts';
import {
  fdtCells,
  fdtDoubleCells,
  fdtStrings,
  readFdtCell,
  readFdtStrings,
} from './property-values.ts';
import { readFdtReg } from './reg.ts';

const cells = (address: number, size: number): Record<string, Uint8Array> => ({
  '#address-cells': fdtCells(address),
  '#size-cells': fdtCells(size),
});

/** The path to a device with this `reg` on buses with these properties, the root first. */
function deviceOn(reg: Uint8Array, ...buses: readonly Record<string, Uint8Array>[]): FdtPath {
  const nodes: FdtNode[] = buses.map((properties, depth) => fdtNode(`bus${depth}`, properties));
  return [...nodes, fdtNode('device', { reg })];
}

describe('reg (Devicetree Specification §2.3.6)', () => {
  test('one address and one size, 64 bits each', () => {
    const path = deviceOn(fdtDoubleCells(0x1_0000_0000n, 0x200n), cells(2, 2));
    expect(readFdtReg(path).value).toEqual([{ address: 0x1_0000_0000n, size: 0x200n }]);
  });

  test('§2.3.5: addresses have two cells and sizes one unless the parent says otherwise', () => {
    expect(readFdtReg(deviceOn(fdtCells(0, 0x1000, 0x10), {})).value).toEqual([
      { address: 0x1000n, size: 0x10n },
    ]);
    expect(readFdtReg(deviceOn(fdtCells(0x1000, 0x10), cells(1, 1))).value).toEqual([
      { address: 0x1000n, size: 0x10n },
    ]);
  });

  test('several ranges, and sizes of no cells', () => {
    const path = deviceOn(fdtCells(1, 2, 3), cells(1, 0));
    expect(readFdtReg(path).value?.map(({ address }) => address)).toEqual([1n, 2n, 3n]);
  });

  test.each<[string, FdtPath, string]>([
    ['no reg', [fdtNode(''), fdtNode('device')], 'there is no reg'],
    ['an empty one', deviceOn(new Uint8Array(0), {}), 'reg has 0 bytes: expected entries of 12'],
    ['half an entry', deviceOn(fdtCells(1, 2), {}), 'reg has 8 bytes: expected entries of 12'],
    ['three address cells', deviceOn(fdtCells(1, 2, 3), cells(3, 0)), 'not 3 and 0'],
    ['no address cells', deviceOn(fdtCells(1), cells(0, 1)), 'not 0 and 1'],
    [
      'cells that are no cell',
      deviceOn(fdtCells(1), { '#size-cells': new Uint8Array(3) }),
      'Infinity',
    ],
  ])('%s: refused', (_what, path, problem) => {
    expect(readFdtReg(path).problem).toContain(problem);
  });
});

describe('ranges (§2.3.8)', () => {
  test('an empty one: the bus has the addresses of the bus above', () => {
    const bus = { ...cells(1, 1), ranges: new Uint8Array(0) };
    expect(readFdtReg(deviceOn(fdtCells(0x1000, 0x10), cells(2, 2), bus)).value).toEqual([
      { address: 0x1000n, size: 0x10n },
    ]);
  });

  test('each bus on the way translates: child, parent and length', () => {
    const outer = { ...cells(2, 2), ranges: fdtCells(0, 0x4000, 0x1, 0x4000, 0, 0x4000) };
    const inner = { ...cells(1, 1), ranges: fdtCells(0x100, 0, 0x4100, 0x100) };
    const path = deviceOn(fdtCells(0x180, 0x80), cells(2, 2), outer, inner);
    expect(readFdtReg(path).value).toEqual([{ address: 0x1_0000_4180n, size: 0x80n }]);
  });

  test.each<[string, Record<string, Uint8Array>, string]>([
    ['no ranges: the CPU does not reach the bus', {}, '"bus1" has no ranges'],
    ['half an entry', { ranges: fdtCells(1, 2) }, 'ranges has 8 bytes'],
    ['another range', { ranges: fdtCells(0x2000, 0, 0x2000, 0x100) }, '0x1000 is in none'],
    ['a range that is too short', { ranges: fdtCells(0x1000, 0, 0x1000, 0xf) }, 'is in none'],
  ])('%s', (_what, ranges, problem) => {
    const bus = { ...cells(1, 1), ...ranges };
    expect(readFdtReg(deviceOn(fdtCells(0x1000, 0x10), cells(2, 2), bus)).problem).toContain(
      problem,
    );
  });
});

describe('nodes and their properties', () => {
  test('§2.2.3: a path names the nodes from the root on', () => {
    const root = fdtNode('', {}, [fdtNode('soc', {}, [fdtNode('serial@10000')]), fdtNode('cpus')]);
    expect([...fdtPaths(root)].map(fdtPathText)).toEqual([
      '/',
      '/soc',
      '/soc/serial@10000',
      '/cpus',
    ]);
  });

  test('§2.3.1: compatible is a list of whole names', () => {
    const node = fdtNode('', { compatible: fdtStrings('arm,pl011', 'virtio,mmio') });
    expect(isFdtCompatible(node, 'virtio,mmio')).toBe(true);
    expect(isFdtCompatible(node, 'virtio')).toBe(false);
    expect(isFdtCompatible(fdtNode(''), '')).toBe(false);
  });

  test.each<[string | undefined, boolean]>([
    [undefined, true],
    ['okay', true],
    ['ok', true],
    ['disabled', false],
    ['fail', false],
    ['', false],
  ])('§2.3.4: status %s: usable %s', (status, usable) => {
    const properties = status === undefined ? {} : { status: fdtStrings(status) };
    expect(isFdtEnabled(fdtNode('', properties))).toBe(usable);
  });

  test('§2.2.4: values of the wrong length or form', () => {
    expect(readFdtCell(fdtCells(5))).toBe(5);
    expect(readFdtCell(fdtCells(5, 6))).toBeUndefined();
    expect(readFdtStrings(fdtStrings('a', '', 'b'))).toEqual(['a', '', 'b']);
    expect(readFdtStrings(Uint8Array.from([0x61, 0, 0x62]))).toEqual(['a']);
    expect(() => fdtCells(2 ** 32)).toThrow('EFI_INVALID_PARAMETER');
    expect(() => fdtCells(-1)).toThrow('EFI_INVALID_PARAMETER');
    expect(() => fdtStrings('λ')).toThrow('EFI_INVALID_PARAMETER');
    expect(() => fdtStrings('a\0b')).toThrow('EFI_INVALID_PARAMETER');
  });
});
