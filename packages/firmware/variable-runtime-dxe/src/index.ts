export * from './storage/memory-storage.ts';
export * from './storage/non-volatile-storage.ts';
export * from './store/flash-layout.ts';
export type { VariableRecord } from './store/variable-record.ts';
export * from './store/variable-store.ts';
export * from './variable-list.ts';
export * from './variable-runtime-dxe.ts';
export * from './variable-services.ts';
