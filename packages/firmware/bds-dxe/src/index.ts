export * from './bds-dxe.ts';
export * from './boot-option.ts';
