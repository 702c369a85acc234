export * from './terminal-dxe.ts';
