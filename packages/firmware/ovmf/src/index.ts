export * from './ovmf.ts';
