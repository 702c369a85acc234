import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { PciHostBridge } from '@dxelab/pci-devices';
import { ScsiCdRom, ScsiDisk } from '@dxelab/scsi-targets';
import { SparseBackend, VirtioPciModern, VirtioScsi } from './index.ts';

const disk = (): ScsiDisk => new ScsiDisk({ backend: new SparseBackend(64 * 2 ** 20) });
const disks = Array.from({ length: 10 }, (_, lun) => ({ target: 0, lun, unit: disk() }));
const drive = { target: 1, lun: 0, unit: new ScsiCdRom() };
export const scsi = new VirtioScsi({ units: [...disks, drive] });

const pci = new PciHostBridge();
pci.plug('02.0', new VirtioPciModern(scsi));
export const { platform } = createEmulatedMachine({ memory: 64 * 2 ** 20, devices: [pci] });

// Later: a disk comes, and a disc.
scsi.plug(2, 300, disk());
drive.unit.insert(new SparseBackend(2048 * 100));
