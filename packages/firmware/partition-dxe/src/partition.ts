import type { DevicePathNode, EfiPartitionInfo, Protocol } from '@dxelab/uefi';

/** A partition that a table describes, before it has a handle. */
export interface Partition {
  /** What its device path adds to the disk's. */
  readonly node: DevicePathNode;
  readonly info: EfiPartitionInfo;
  /** In bytes from the beginning of the disk. */
  readonly start: number;
  /** In bytes. */
  readonly size: number;
  /** In bytes. */
  readonly blockSize: number;
  /** Its type, which goes on the handle as a protocol without an interface. */
  readonly type: Protocol<null> | undefined;
}
