export { ioMmuDxe } from './module.ts';
