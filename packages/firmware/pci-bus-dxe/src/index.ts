export * from './pci-bus-dxe.ts';
