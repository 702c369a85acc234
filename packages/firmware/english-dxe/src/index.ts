export * from './english-collation.ts';
export * from './english-dxe.ts';
export * from './letters.ts';
