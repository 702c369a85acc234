export * from './pci-host-bridge-dxe.ts';
