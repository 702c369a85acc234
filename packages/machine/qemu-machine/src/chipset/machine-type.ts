/** The machines of QEMU whose chipset is known here. */
export type QemuMachineType = 'q35' | 'pc' | 'microvm';
