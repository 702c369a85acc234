export * from './capsule-lib.ts';
export * from './capsule-runtime-dxe.ts';
