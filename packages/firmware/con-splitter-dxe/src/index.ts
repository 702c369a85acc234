export * from './con-splitter-dxe.ts';
