export * from './backend-error.ts';
export * from './block-backend.ts';
export * from './memory-backend.ts';
export * from './overlay-backend.ts';
export * from './sparse-backend.ts';
