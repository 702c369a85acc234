import type { HobList, PciAperture, RamStorage } from '@dxelab/platform';
import type { QtestLink } from '../qtest/qtest-link.ts';
import { loadDeviceTree } from './device-tree.ts';
import type { QemuMachineType } from './machine-type.ts';
import { setUpPciRootBridge } from './pci-root-bridge.ts';
import type { RamPiece } from './ram-layout.ts';

const PAGE = 0x1000;

/** Does to a machine that was just switched on what PEI would do, and says what PEI would leave. */
export function setUpChipset(
  machine: QemuMachineType,
  ram: RamStorage,
  pieces: readonly RamPiece[],
  link: QtestLink,
): HobList {
  const memory = pieces.map(({ base, end }) => resource('EFI_RESOURCE_SYSTEM_MEMORY', base, end));
  if (machine === 'microvm') {
    const deviceTree = loadDeviceTree(ram, pieces, link);
    const { address: base, length } = deviceTree;
    return {
      machineType: 'X64',
      resources: memory,
      allocations: [
        {
          memoryType: 'EfiBootServicesData',
          base,
          length: Math.ceil(length / PAGE) * PAGE,
        },
      ],
      pciRootBridges: [],
      deviceTree,
    };
  }
  const bridge = setUpPciRootBridge(machine, pieces, link);
  const decoded = [bridge.mem32, bridge.ecam, bridge.mem64].filter((range) => range !== undefined);
  return {
    machineType: 'X64',
    resources: [...memory, ...decoded.map(mmio)].toSorted((a, b) => a.base - b.base),
    allocations: [],
    pciRootBridges: [bridge],
    deviceTree: undefined,
  };
}

function mmio({ base, length }: PciAperture): HobList['resources'][number] {
  return resource('EFI_RESOURCE_MEMORY_MAPPED_IO', base, base + length);
}

function resource(
  type: HobList['resources'][number]['type'],
  base: number,
  end: number,
): HobList['resources'][number] {
  return { type, base, length: end - base };
}
