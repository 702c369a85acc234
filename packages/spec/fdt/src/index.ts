export * from './device-tree.ts';
export * from './fdt-header.ts';
export { FDT_HEADER_SIZE, FDT_MAGIC } from './format.ts';
export * from './nodes.ts';
export * from './property-values.ts';
export * from './read-fdt.ts';
export * from './reg.ts';
export * from './write-fdt.ts';
