import type { QemuMachineType } from '@dxelab/qemu-machine';
import type { DeviceData, MachineData, VirtioData } from './scenario.ts';

/** Which of QEMU's machines a scenario means: the one that it names, or that has its devices' transport. */
export function qemuMachineType({
  machine,
  devices,
}: Pick<MachineData, 'machine' | 'devices'>): QemuMachineType {
  return machine ?? (devices.some(isOnMmio) ? 'microvm' : 'q35');
}

/** Whether a device is on MMIO, which of QEMU's machines only microvm has. */
export function isOnMmio(device: DeviceData): device is DeviceData & VirtioData {
  return device.kind !== 'pci-bridge' && device.transport === 'mmio';
}
