export * from './checks.ts';
export * from './install-device.ts';
export * from './pci-binding.ts';
export * from './pci-header.ts';
export * from './queue-access.ts';
export * from './reset.ts';
export * from './shared-memory.ts';
export * from './untorn.ts';
