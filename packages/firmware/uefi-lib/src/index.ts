export * from './debug-lib.ts';
export * from './device-driver.ts';
export * from './device-error.ts';
export * from './driver-model.ts';
export * from './module.ts';
export * from './quirks.ts';
export * from './try-locate-protocol.ts';
export * from './unwind.ts';
