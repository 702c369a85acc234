export * from './watchdog-timer-dxe.ts';
