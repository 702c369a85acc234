export * from './monotonic-count.ts';
export * from './monotonic-counter-runtime-dxe.ts';
