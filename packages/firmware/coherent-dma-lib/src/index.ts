export type { PageServices } from './bounce-pages.ts';
export * from './coherent-dma.ts';
