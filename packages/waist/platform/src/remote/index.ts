export { RemotePlatform } from './remote-platform.ts';
export type { Transport } from './remote-channel.ts';
export { servePlatform } from './serve-platform.ts';
