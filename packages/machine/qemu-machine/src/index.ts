export type { QemuMachineType } from './chipset/machine-type.ts';
export * from './launch/qemu-device.ts';
export * from './program/qemu-program.ts';
export * from './qemu-error.ts';
export * from './qemu-machine.ts';
export type { QemuTerminal } from './serial-line.ts';
export type { QemuBudget } from './waist/qemu-processor.ts';
