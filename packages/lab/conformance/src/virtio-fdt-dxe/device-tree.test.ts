import type { FdtNode } from '@dxelab/fdt';
import { fdtDoubleCells, fdtNode, fdtStrings } from '@dxelab/fdt';
import { PROFILES } from '@dxelab/uefi-lib';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import { VirtioMmio } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import { ThreeQueues } from '../virtio10-dxe/three-queues.fixture.ts';
import { FdtWorld, treeOf } from './fdt-world.fixture.ts';

const device = (): VirtioMmio => new VirtioMmio(new ThreeQueues());
/** What stands on each handle. */
const EDK2 = 'DevicePath VirtioDevice';
const ALL = `${EDK2} VirtioQueueAccess`;
/** Slots 3 and 23 of the machine, as the VenHw nodes have them: little-endian. */
const SLOT_3 = '0006B0FE00000000';
const SLOT_23 = '002EB0FE00000000';

const node = (address: bigint, properties: Record<string, Uint8Array> = {}): FdtNode =>
  fdtNode(`virtio_mmio@${address.toString(16)}`, {
    compatible: fdtStrings('virtio,mmio'),
    reg: fdtDoubleCells(address, 0x200n),
    ...properties,
  });

describe.each(PROFILES)('VirtioFdtDxe, %s', (profile) => {
  test('makes a handle with path and protocol for every device in the tree', () => {
    const world = new FdtWorld({ profile, devices: { 3: device(), 23: device() } });
    expect(world.transports).toEqual([
      [SLOT_3, profile === 'edk2' ? EDK2 : ALL],
      [SLOT_23, profile === 'edk2' ? EDK2 : ALL],
    ]);
    const { bootServices } = world.core.systemTable;
    const virtIo = bootServices.handleProtocol(world.handleAt(SLOT_3), VirtioDeviceProtocol);
    expect(virtIo.subSystemDeviceId).toBe(0x3f);
    expect(world.findings).toEqual([]);
    expect(world.messages).toEqual([]);
  });

  test('finds nothing to do on a machine without a tree', () => {
    const world = new FdtWorld({ profile, devices: { 3: device() }, tree: 'none' });
    expect(world.transports).toEqual([]);
    expect(world.messages).toEqual([]);
  });

  test.each<[string, (tree: Uint8Array) => Uint8Array, string]>([
    ['another magic number', (tree) => tree.fill(0, 0, 4), 'expected the magic number'],
    ['half of it', (tree) => tree.slice(0, 100), 'and only 100 are there'],
    ['nothing', () => new Uint8Array(0), 'expected a header of 40 bytes, found 0'],
    ['a structure block too long', (tree) => tree.fill(0xff, 36, 40), 'the structure block lies'],
    ['strings beyond the end', (tree) => tree.fill(0xff, 32, 36), 'the strings block lies'],
    ['a token that there is not', (tree) => tree.fill(7, 56, 60), 'expected a token'],
  ])('a tree with %s: EFI_NOT_FOUND, and it says so', (_what, damage, problem) => {
    const tree = damage(treeOf(node(0xfeb00600n)));
    const world = new FdtWorld({ profile, devices: { 3: device() }, tree });
    expect(world.transports).toEqual([]);
    expect(world.messages).toEqual([expect.stringContaining(problem)]);
    expect(world.messages[0]).toContain('EFI_NOT_FOUND');
  });

  test('what is no device does not keep others out', () => {
    const tree = treeOf(
      node(0xfeb00000n), // an empty slot, or a device of type 0
      node(0x70000000n), // nobody
      fdtNode('virtio', { compatible: fdtStrings('virtio,mmio') }), // without reg
      node(0n),
      node(0xfeb00600n),
    );
    const world = new FdtWorld({ profile, devices: { 3: device() }, tree });
    expect(world.transports.at(-1)).toEqual([SLOT_3, profile === 'edk2' ? EDK2 : ALL]);
    const [, ...problems] = profile === 'edk2' ? ['', ...world.messages] : world.messages;
    expect(problems).toEqual([
      expect.stringMatching(/^\/virtio_mmio@70000000: EFI_UNSUPPORTED.*not 0x0/),
      expect.stringMatching(/^\/virtio: there is no reg/),
      expect.stringMatching(/^\/virtio_mmio@0: EFI_INVALID_PARAMETER/),
    ]);
  });
});

describe('where the profiles differ', () => {
  test('specification: an empty slot leaves no handle, and the machine finds no fault', () => {
    const world = new FdtWorld({ describeEmptySlots: true, devices: { 3: device() } });
    expect(world.transports).toEqual([[SLOT_3, ALL]]);
    expect(world.messages).toHaveLength(23);
    expect(world.messages[0]).toMatch(/EFI_NOT_FOUND: there is no virtio device/);
    expect(world.findings).toEqual([]);
  });

  test('QUIRK VirtioMmioDeviceLib.PlaceholderInstalled: it becomes a device of type 0', () => {
    const world = new FdtWorld({ profile: 'edk2', describeEmptySlots: true });
    expect(world.transports).toHaveLength(24);
    const { bootServices } = world.core.systemTable;
    const virtIo = bootServices.handleProtocol(world.handleAt(SLOT_3), VirtioDeviceProtocol);
    expect(virtIo.subSystemDeviceId).toBe(0);
  });

  test('specification: of two nodes with the same registers the first is a device', () => {
    const tree = treeOf(node(0xfeb00600n), node(0xfeb00600n));
    const devices = { 3: device() };
    const world = new FdtWorld({ devices, tree });
    expect(world.transports).toEqual([[SLOT_3, ALL]]);
    expect(world.messages).toEqual([expect.stringContaining('another device has registers')]);
  });

  test('QUIRK VirtioFdtDxe.OverlapsUnseen: both are', () => {
    const tree = treeOf(node(0xfeb00600n), node(0xfeb00600n));
    const world = new FdtWorld({ profile: 'edk2', devices: { 3: device() }, tree });
    expect(world.transports).toEqual([
      [SLOT_3, EDK2],
      [SLOT_3, EDK2],
    ]);
  });
});
