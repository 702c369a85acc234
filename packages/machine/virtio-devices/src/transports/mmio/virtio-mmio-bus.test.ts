import { createEmulatedMachine } from '@dxelab/emulated-machine';
import type { EmulatedMachine, MachineFinding } from '@dxelab/emulated-machine';
import { fdtPaths, isFdtCompatible, nodeOf, readFdt, readFdtReg } from '@dxelab/fdt';
import { describe, expect, test } from 'vitest';
import { Echo } from '../../echo.fixture.ts';
import { VirtioMmioBus } from './virtio-mmio-bus.ts';
import type { VirtioMmioBusOptions } from './virtio-mmio-bus.ts';
import { VirtioMmio } from './virtio-mmio.ts';

const MEMORY = 8 << 20;

/** A machine with as many devices as are named. */
function board(
  names: readonly string[],
  options?: VirtioMmioBusOptions,
): { machine: EmulatedMachine; slots: number[]; findings: MachineFinding[] } {
  const bus = new VirtioMmioBus(options);
  const slots = names.map((name) => bus.plug(new VirtioMmio(new Echo(), { name })));
  const findings: MachineFinding[] = [];
  const machine = createEmulatedMachine({
    memory: MEMORY,
    devices: [bus],
    onFinding: (finding) => findings.push(finding),
  });
  return { machine, slots, findings };
}

/** Where the machine's device tree says that virtio devices are. */
function described({ platform }: EmulatedMachine): (readonly [string, bigint, bigint])[] {
  const { deviceTree } = platform.hobs;
  if (deviceTree === undefined) throw new Error('no device tree');
  const bytes = new Uint8Array(deviceTree.length);
  platform.ram.readBytes(deviceTree.address, bytes);
  const { value: tree, problem } = readFdt(bytes);
  if (tree === undefined) throw new Error(problem);
  return [...fdtPaths(tree.root)]
    .filter((path) => isFdtCompatible(nodeOf(path), 'virtio,mmio'))
    .map((path) => {
      const [range] = readFdtReg(path).value ?? [];
      return [nodeOf(path).name, range?.address ?? 0n, range?.size ?? 0n];
    });
}

describe('slots', () => {
  test('are filled from the last, 24 of 512 bytes from 0xFEB00000, as on a microvm', () => {
    const { machine, slots } = board(['first', 'second']);
    expect(slots).toEqual([23, 22]);
    const { mmio } = machine.platform;
    const types = Array.from({ length: 24 }, (_, slot) => mmio.read32(0xfeb0_0008 + 0x200 * slot));
    expect(types).toEqual([...Array(22).fill(0), 42, 42]);
  });

  test('that are empty say so, and nothing else may be asked (§4.2.3.1.1)', () => {
    const { machine, findings } = board([], { version: 1 });
    const { mmio } = machine.platform;
    expect([0, 4, 8, 0xc].map((offset) => mmio.read32(0xfeb0_0000 + offset))).toEqual([
      0x74726976, 1, 0, 0x554d4551,
    ]);
    expect(findings).toEqual([]);
    expect([mmio.read32(0xfeb0_0070), mmio.read8(0xfeb0_0000)]).toEqual([0, 0]);
    mmio.write32(0xfeb0_0070, 1);
    expect(findings.map(({ rule }) => rule)).toEqual(Array(3).fill('virtio-1.4 4.2.3.1.1'));
  });

  test('can be chosen, once', () => {
    const bus = new VirtioMmioBus({ base: 0x0a00_0000, slots: 2 });
    expect(bus.plug(new VirtioMmio(new Echo()), 1)).toBe(1);
    expect(bus.addressOf(1)).toBe(0x0a00_0200);
    const another = new VirtioMmio(new Echo(), { name: 'another' });
    expect(() => bus.plug(another, 1)).toThrow('another: slot 1 is taken');
    expect(() => bus.plug(another, 2)).toThrow('slot 2 is taken or does not exist');
    expect(() => bus.plug(another, 0.5)).toThrow('does not exist');
    bus.plug(another);
    expect(() => bus.plug(new VirtioMmio(new Echo()))).toThrow('no slot is free');
  });
});

describe('the firmware is told', () => {
  test('of devices by virtio,mmio nodes in a flattened device tree (§4.2.1)', () => {
    const { machine } = board(['first', 'second']);
    expect(described(machine)).toEqual([
      ['virtio_mmio@feb02c00', 0xfeb0_2c00n, 0x200n],
      ['virtio_mmio@feb02e00', 0xfeb0_2e00n, 0x200n],
    ]);
  });

  test('of empty slots, too, if the board does that', () => {
    const { machine } = board(['first'], {
      base: 0x0a00_0000,
      slots: 4,
      describeEmptySlots: true,
    });
    expect(described(machine).map(([, address]) => Number(address))).toEqual([
      0x0a00_0000, 0x0a00_0200, 0x0a00_0400, 0x0a00_0600,
    ]);
  });

  test('of the addresses as memory-mapped I/O', () => {
    expect(board(['first']).machine.platform.hobs.resources).toContainEqual({
      type: 'EFI_RESOURCE_MEMORY_MAPPED_IO',
      base: 0xfeb0_0000,
      length: 0x3000,
    });
  });
});

test('devices keep apart', () => {
  const { machine } = board(['first', 'second']);
  const { mmio } = machine.platform;
  mmio.write32(0xfeb0_2e70, 1);
  expect([mmio.read32(0xfeb0_2e70), mmio.read32(0xfeb0_2c70)]).toEqual([1, 0]);
});
