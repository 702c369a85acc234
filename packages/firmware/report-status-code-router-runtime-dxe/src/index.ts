export * from './report-status-code-router-runtime-dxe.ts';
export * from './status-code-router.ts';
export * from './status-code-text.ts';
