import type { EfiBootServices, EfiHandle, ProtocolInterface } from '@dxelab/uefi';
import {
  BlockIoProtocol,
  DevicePathProtocol,
  DiskIoProtocol,
  PartitionInfoProtocol,
  appendDevicePathNode,
  isEfiFailure,
  protocolInterface,
} from '@dxelab/uefi';
import type { BusParent } from '@dxelab/uefi-lib';
import { installChild, removeChild } from '@dxelab/uefi-lib';
import type { ParentDisk } from './parent-disk.ts';
import { PartitionBlockIo } from './partition-block-io.ts';
import type { Partition } from './partition.ts';

/** The handle of a partition, with all that stands on it and the open that ties it to its disk. */
export class PartitionChild {
  readonly handle: EfiHandle;
  readonly #bs: EfiBootServices;
  readonly #parent: BusParent;
  readonly #blockIo: PartitionBlockIo;
  readonly #interfaces: readonly ProtocolInterface[];
  #inStop = false;

  /**
   * @param agent the driver binding handle
   * @param controller the disk's handle
   * @throws EFI_ALREADY_STARTED if the partition has a handle already, EFI_OUT_OF_RESOURCES
   */
  constructor(
    bs: EfiBootServices,
    agent: EfiHandle,
    controller: EfiHandle,
    parent: ParentDisk,
    partition: Partition,
  ) {
    this.#bs = bs;
    this.#parent = { agent, controller, protocol: DiskIoProtocol };
    this.#blockIo = new PartitionBlockIo(parent.blockIo, parent.diskIo, partition);
    const type = partition.type === undefined ? [] : [protocolInterface(partition.type, null)];
    this.#interfaces = [
      protocolInterface(
        DevicePathProtocol,
        appendDevicePathNode(parent.devicePath, partition.node),
      ),
      protocolInterface(BlockIoProtocol, this.#blockIo),
      protocolInterface(PartitionInfoProtocol, partition.info),
      ...type,
    ];
    this.handle = installChild(bs, this.#parent, this.#interfaces);
  }

  /**
   * Takes the partition away.
   * @returns whether it did: a Stop that comes while this one is at work finds nothing to do
   * @throws what `removeChild` throws, with everything as it was, if someone holds on to the partition
   */
  stop(): boolean {
    if (this.#inStop) return false;
    this.#inStop = true;
    this.#flush();
    try {
      removeChild(this.#bs, this.#parent, this.handle, this.#interfaces);
      return true;
    } catch (caught) {
      this.#inStop = false;
      throw caught;
    }
  }

  /** What cannot be flushed any more, because the medium is gone, must not keep the handle. */
  #flush(): void {
    try {
      this.#blockIo.flushBlocks();
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
    }
  }
}
