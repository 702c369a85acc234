import type {
  QemuImage,
  QemuMachineOptions,
  QemuVirtioOptions,
  QemuVirtioTransport,
} from '@dxelab/qemu-machine';
import { qemuVirtioBlk } from '@dxelab/qemu-machine';

/** A transport of QEMU's, on the machine that has it. */
export interface TransportOnQemu {
  readonly name: string;
  readonly machine: Pick<QemuMachineOptions, 'machine' | 'virtioMmioVersion'>;
  readonly transport: QemuVirtioTransport;
  /** Of the device, by QEMU's names. */
  readonly properties?: QemuVirtioOptions['properties'];
}

const PCI = { slot: '02.0' } as const;
const MMIO = { transport: 'mmio', slot: 3 } as const;

/** Every way in which a virtio device is reached. */
export const TRANSPORTS: readonly TransportOnQemu[] = [
  {
    name: 'PCI legacy',
    machine: { machine: 'pc' },
    transport: { transport: 'pci-legacy', ...PCI },
  },
  {
    name: 'PCI modern',
    machine: { machine: 'q35' },
    transport: { transport: 'pci-modern', ...PCI },
  },
  {
    name: 'PCI transitional',
    machine: { machine: 'q35' },
    transport: { transport: 'pci-transitional', ...PCI },
  },
  {
    name: 'MMIO version 1',
    machine: { machine: 'microvm', virtioMmioVersion: 1 },
    transport: MMIO,
  },
  {
    name: 'MMIO version 2',
    machine: { machine: 'microvm', virtioMmioVersion: 2 },
    transport: MMIO,
  },
];

/**
 * The transports that can carry VIRTIO_F_ACCESS_PLATFORM, bit 33, with devices that insist on it; nothing
 * translates their addresses.
 */
export const PLATFORM_TRANSPORTS: readonly TransportOnQemu[] = TRANSPORTS.filter(({ name }) =>
  ['PCI modern', 'MMIO version 2'].includes(name),
).map((transport) => ({
  ...transport,
  name: `${transport.name} with iommu_platform=on`,
  properties: { iommu_platform: true },
}));

/** The options of a machine with one disk on this transport. */
export function diskOn(
  { machine, transport, properties = {} }: TransportOnQemu,
  image: QemuImage,
): Pick<QemuMachineOptions, 'machine' | 'virtioMmioVersion' | 'devices'> {
  return { ...machine, devices: [qemuVirtioBlk({ ...transport, properties, image })] };
}
