export * from './device-path-dxe.ts';
