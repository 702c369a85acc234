export * from './config-space.ts';
export * from './pci-bar.ts';
export * from './pci-capability.ts';
export * from './pci-function.ts';
export * from './pci-upstream.ts';
export * from './trace-events.ts';
