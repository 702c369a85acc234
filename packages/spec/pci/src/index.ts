export * from './capability-list.ts';
export * from './configuration.ts';
export * from './pci-address.ts';
export * from './pci-transfer.ts';
