export * from './pcat-real-time-clock-runtime-dxe.ts';
