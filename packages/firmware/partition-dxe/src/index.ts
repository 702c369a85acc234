export * from './partition-dxe.ts';
export { EfiSystemPartitionProtocol } from './partition-type.ts';
