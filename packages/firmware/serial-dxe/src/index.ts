export * from './serial-dxe.ts';
