export * from './con-platform-dxe.ts';
export * from './early-console-dxe.ts';
