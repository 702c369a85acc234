export type { Diagnosis, Health } from './ask-drivers.ts';
export * from './controller.ts';
export * from './create-lab.ts';
export * from './device-inputs.ts';
export * from './inventory.ts';
export * from './lab.ts';
export * from './matchers.ts';
