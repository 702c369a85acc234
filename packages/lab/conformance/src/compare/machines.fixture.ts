import type { Comparison } from '@dxelab/compare';
import { compareScenario } from '@dxelab/compare';
import { findQemu, openDisk } from '@dxelab/node-host';
import type { DifferenceInput, Host, ScenarioInput, VirtioInput } from '@dxelab/scenario';
import { defineScenario } from '@dxelab/scenario';

/** Node's host, but for the loading of modules, which no scenario here names. */
export const host: Host = {
  resolve: (_base, path) => path,
  openDisk: (path, { writable }) => openDisk(path, writable),
  loadModule: (path) => Promise.reject(new Error(`${path} is not to be loaded`)),
  findQemu,
};

/** A transport, and what QEMU does otherwise on it. */
export interface ComparedTransport {
  readonly name: string;
  readonly transport: VirtioInput;
  readonly differences: readonly DifferenceInput[];
  /** What only a driver of the legacy interface sees: no difference in the specification's profile. */
  readonly legacyDifferences?: readonly DifferenceInput[];
}

const GEOMETRY: DifferenceInput = {
  features: [4],
  device: 'virtio-blk *',
  reason: 'QEMU invents a geometry for each disk (VIRTIO_BLK_F_GEOMETRY), and we have none',
};
const CHIPSET: DifferenceInput = {
  chipset: 'any',
  reason: 'QEMU has all of its chipset, we a host bridge',
};
const BAD_FEATURE: DifferenceInput = {
  features: [30],
  reason: 'QEMU offers VIRTIO_F_BAD_FEATURE on legacy PCI, which no driver may take',
};
const SCSI: DifferenceInput = {
  features: [7],
  device: 'virtio-blk *',
  reason: 'QEMU offers SCSI commands to legacy drivers (VIRTIO_BLK_F_SCSI), and we have none',
};
const ANY_LAYOUT: DifferenceInput = {
  features: [27],
  device: 'virtio-blk *',
  reason:
    'a disk of QEMU that is legacy alone would take SCSI commands, and offers no VIRTIO_F_ANY_LAYOUT',
};
/** Where QEMU says how long a queue can be, whatever queue-size says. */
const QUEUE_SIZES: readonly DifferenceInput[] = ['mmio.queueSize*', 'ring'].map((register) => ({
  register,
  reason: 'on MMIO QEMU lets the driver choose up to 1024 descriptors, we the size of the queue',
}));

/** Each way in which drivers reach virtio devices, with all that is declared for it. */
export const COMPARED_TRANSPORTS: readonly ComparedTransport[] = [
  {
    name: 'PCI legacy',
    transport: { transport: 'pci-legacy' },
    differences: [CHIPSET, GEOMETRY, SCSI, ANY_LAYOUT, BAD_FEATURE],
  },
  {
    name: 'PCI modern',
    transport: { transport: 'pci-modern' },
    differences: [CHIPSET, GEOMETRY],
  },
  {
    name: 'PCI transitional',
    transport: { transport: 'pci-transitional' },
    differences: [CHIPSET, GEOMETRY],
    legacyDifferences: [BAD_FEATURE],
  },
  {
    name: 'MMIO version 1',
    transport: { transport: 'mmio', version: 1 },
    differences: [GEOMETRY, SCSI, ANY_LAYOUT, ...QUEUE_SIZES],
  },
  {
    name: 'MMIO version 2',
    transport: { transport: 'mmio', version: 2 },
    differences: [GEOMETRY, ...QUEUE_SIZES],
  },
];

/** Compares a scenario on both machines. */
export function compareMachines(input: ScenarioInput): Promise<Comparison> {
  return compareScenario(defineScenario(input), host);
}

/** What differs and is not declared, as lines. */
export function undeclared({ differences }: Comparison): readonly string[] {
  return differences
    .filter(({ reason }) => reason === undefined)
    .map(({ device, kind, name, part, texts }) =>
      [device, kind, name, part, ...texts.map((text) => text ?? 'nothing')].join(' | '),
    );
}
