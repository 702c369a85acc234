export * from './backend/backend-error.ts';
export * from './backend/block-backend.ts';
export * from './backend/memory-backend.ts';
export * from './backend/overlay-backend.ts';
export * from './backend/sparse-backend.ts';
