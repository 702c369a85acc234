import { boot, defineScenario, prepareLive, succeeded } from '@dxelab/scenario';
import type { BootReport } from '@dxelab/scenario';

/** Connects an empty disk, and expects the driver that it gets. */
export function bootEmptyDisk(): BootReport {
  const scenario = defineScenario({
    machine: { devices: [{ 'virtio-blk': { image: { zeros: '1 MiB' } } }] },
    steps: [{ connect: 'PciRoot(0x0)/Pci(0x2,0x0)' }],
    expect: [{ handle: 'PciRoot(0x0)/Pci(0x2,0x0)', driver: 'VirtioBlkDxe' }],
  });
  const report = boot(prepareLive(scenario));
  if (!succeeded(report)) throw new Error(report.expectations.map(({ actual }) => actual).join());
  return report;
}
