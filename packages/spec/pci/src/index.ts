export * from './configuration.ts';
export * from './pci-address.ts';
