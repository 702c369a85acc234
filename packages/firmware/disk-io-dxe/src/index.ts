export * from './disk-io-dxe.ts';
