import { fdtNode, fdtStrings, readFdt } from '@dxelab/fdt';
import { fdtPathText, fdtPaths, readFdtReg } from '@dxelab/fdt';
import { describe, expect, test } from 'vitest';
import { createEmulatedMachine } from './emulated-machine.ts';
import type { EmulatedMachine } from './emulated-machine.ts';
import type { Device } from './machine-bus.ts';

const MIB = 2 ** 20;

/** Cannot be probed. */
const thermometer: Device = {
  name: 'thermometer',
  attach: ({ hobs }) =>
    hobs.addDeviceTreeNode(fdtNode('thermometer', { compatible: fdtStrings('acme,warm') })),
};

function treeBytes({ platform }: EmulatedMachine): Uint8Array {
  const { deviceTree } = platform.hobs;
  if (deviceTree === undefined) throw new Error('no device tree');
  const bytes = new Uint8Array(deviceTree.length);
  platform.ram.readBytes(deviceTree.address, bytes);
  return bytes;
}

describe('the device tree of a machine', () => {
  test('is there only if a device has something to say in it', () => {
    expect(createEmulatedMachine({ memory: MIB }).platform.hobs.deviceTree).toBeUndefined();
  });

  test('has its RAM and what devices added, as a flattened tree in RAM', () => {
    const machine = createEmulatedMachine({ memory: 3 * 2 ** 30, devices: [thermometer] });
    const { value: tree, problem } = readFdt(treeBytes(machine));
    expect(problem).toBeUndefined();
    const paths = tree === undefined ? [] : [...fdtPaths(tree.root)];
    expect(paths.map(fdtPathText)).toEqual(['/', '/memory@0', '/memory@100000000', '/thermometer']);
    const ranges = paths.slice(1, 3).map((path) => readFdtReg(path).value);
    expect(ranges).toEqual([
      [{ address: 0n, size: 0x8000_0000n }],
      [{ address: 0x1_0000_0000n, size: 0x4000_0000n }],
    ]);
  });

  test('lies where low RAM ends, in whole pages that are not free', () => {
    const { hobs } = createEmulatedMachine({ memory: 4 * MIB, devices: [thermometer] }).platform;
    expect(hobs.allocations).toContainEqual({
      memoryType: 'EfiBootServicesData',
      base: 4 * MIB - 4096,
      length: 4096,
    });
    expect(hobs.deviceTree?.address).toBe(4 * MIB - 4096);
  });

  test('needs room', () => {
    const memory = [{ base: 0, bytes: new Uint8Array(4096) }];
    expect(() => createEmulatedMachine({ memory, devices: [thermometer] })).toThrow('no room');
    expect(() => createEmulatedMachine({ memory: [], devices: [thermometer] })).toThrow('has RAM');
  });
});
