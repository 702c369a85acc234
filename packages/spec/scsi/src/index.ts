export * from './opcodes.ts';
export * from './sense.ts';
export * from './status.ts';
