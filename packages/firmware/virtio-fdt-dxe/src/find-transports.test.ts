import type { FdtNode } from '@dxelab/fdt';
import { fdtCells, fdtDoubleCells, fdtNode, fdtStrings } from '@dxelab/fdt';
import { describe, expect, test } from 'vitest';
import { findTransports } from './find-transports.ts';
import type { VirtioFdtQuirks } from './quirks.ts';

const SPECIFICATION: VirtioFdtQuirks = { overlapsUnseen: false, regIsBaseAndSize: false };
const EDK2: VirtioFdtQuirks = { overlapsUnseen: true, regIsBaseAndSize: true };
const PROFILES: readonly (readonly [string, VirtioFdtQuirks])[] = [
  ['specification', SPECIFICATION],
  ['edk2', EDK2],
];

const compatible = fdtStrings('virtio,mmio');
const reg = (address: bigint, size = 0x200n): Uint8Array => fdtDoubleCells(address, size);

/** A root as QEMU's: addresses and sizes have two cells. */
const rootWith = (...children: readonly FdtNode[]): FdtNode =>
  fdtNode('', { '#address-cells': fdtCells(2), '#size-cells': fdtCells(2) }, children);

/** What is found: where, or why not. */
const found = (root: FdtNode, quirks: VirtioFdtQuirks): readonly (readonly unknown[])[] =>
  findTransports(root, quirks).map(({ path, address }) => [path, address.value ?? address.problem]);

describe.each(PROFILES)('virtio devices of a device tree (virtio §4.2.1), %s', (_name, quirks) => {
  test('every node that is compatible and can be used, in the order of the tree', () => {
    const root = rootWith(
      fdtNode('virtio_mmio@a000000', { reg: reg(0x0a000000n), compatible }),
      fdtNode('pl011@9000000', {
        reg: reg(0x09000000n),
        compatible: fdtStrings('arm,pl011', 'arm,primecell'),
      }),
      fdtNode('virtio_mmio@a000200', {
        reg: reg(0x0a000200n),
        compatible,
        status: fdtStrings('disabled'),
      }),
      fdtNode('virtio_mmio@a000400', {
        reg: reg(0x0a000400n),
        compatible: fdtStrings('acme,virtio', 'virtio,mmio'),
        status: fdtStrings('okay'),
        interrupts: fdtCells(0, 2, 1),
      }),
    );
    expect(found(root, quirks)).toEqual([
      ['/virtio_mmio@a000000', 0x0a000000],
      ['/virtio_mmio@a000400', 0x0a000400],
    ]);
  });

  test('one without reg is found, and nobody knows where it is', () => {
    const [transport] = findTransports(rootWith(fdtNode('virtio', { compatible })), quirks);
    expect(transport?.path).toBe('/virtio');
    expect(transport?.address.problem).toContain('there is no reg');
  });

  test('an address beyond 2^53 is refused', () => {
    const root = rootWith(fdtNode('virtio', { compatible, reg: reg(2n ** 60n) }));
    expect(found(root, quirks)).toEqual([['/virtio', '0x1000000000000000 is too far']]);
  });
});

describe('buses, cells and sizes', () => {
  const ranges = fdtCells(0, 0, 0xfe000000, 0x1000000);
  const bus = (...children: readonly FdtNode[]): FdtNode =>
    fdtNode('soc', { '#address-cells': fdtCells(1), '#size-cells': fdtCells(1), ranges }, children);
  const device = fdtNode('virtio@b00000', { reg: fdtCells(0xb00000, 0x200), compatible });

  test('specification: addresses are translated to what the CPU sees', () => {
    expect(found(rootWith(bus(device)), SPECIFICATION)).toEqual([
      ['/soc/virtio@b00000', 0xfeb00000],
    ]);
  });

  test('QUIRK VirtioFdtDxe.RegIsBaseAndSize: the first 64 bits of reg are the address', () => {
    const low = fdtNode('virtio@0', { reg: fdtCells(0, 0x1000, 0x200), compatible });
    expect(found(rootWith(bus(low)), EDK2)).toEqual([['/soc/virtio@0', 0x1000]]);
    expect(found(rootWith(bus(device)), EDK2)).toEqual([
      ['/soc/virtio@b00000', '0xb0000000000200 is too far'],
    ]);
  });

  test.each<[string, Uint8Array, string]>([
    ['too few bytes', fdtCells(0, 0x1000), 'reg has 8 bytes: expected entries of 16'],
    ['registers of 255 bytes', reg(0x1000n, 255n), 'the registers have 256 bytes, and reg has 255'],
    ['an odd address', reg(0x1002n), 'registers at 0x1002 are not aligned'],
  ])('specification: %s: refused', (_what, value, problem) => {
    const root = rootWith(fdtNode('virtio', { compatible, reg: value }));
    expect(found(root, SPECIFICATION)).toEqual([['/virtio', problem]]);
  });
});

describe('registers that two nodes have', () => {
  const root = rootWith(
    fdtNode('virtio@1000', { compatible, reg: reg(0x1000n) }),
    fdtNode('virtio@1100', { compatible, reg: reg(0x1100n) }),
    fdtNode('virtio@1000,1', { compatible, reg: reg(0x1000n) }),
    fdtNode('virtio@1200', { compatible, reg: reg(0x1200n) }),
  );

  test('specification: the first is a device, and the others are refused', () => {
    expect(found(root, SPECIFICATION)).toEqual([
      ['/virtio@1000', 0x1000],
      ['/virtio@1100', 'another device has registers at 0x1100 too'],
      ['/virtio@1000,1', 'another device has registers at 0x1000 too'],
      ['/virtio@1200', 0x1200],
    ]);
  });

  test('QUIRK VirtioFdtDxe.OverlapsUnseen: each is a device', () => {
    expect(found(root, EDK2).map(([, address]) => address)).toEqual([
      0x1000, 0x1100, 0x1000, 0x1200,
    ]);
  });
});
