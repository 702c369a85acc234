import type { EfiBootServices, EfiHandle, ProtocolInterface } from '@dxelab/uefi';
import {
  BlockIoProtocol,
  DevicePathProtocol,
  DiskIoProtocol,
  EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
  EfiError,
  PartitionInfoProtocol,
  appendDevicePathNode,
  isEfiFailure,
  protocolInterface,
} from '@dxelab/uefi';
import { unwinding } from '@dxelab/uefi-lib';
import type { ParentDisk } from './parent-disk.ts';
import { PartitionBlockIo } from './partition-block-io.ts';
import type { Partition } from './partition.ts';

/** The handle of a partition, with all that stands on it and the open that ties it to its disk. */
export class PartitionChild {
  readonly handle: EfiHandle;
  readonly #bs: EfiBootServices;
  readonly #agent: EfiHandle;
  readonly #controller: EfiHandle;
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
    this.#agent = agent;
    this.#controller = controller;
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
    this.handle = bs.installMultipleProtocolInterfaces(undefined, ...this.#interfaces);
    unwinding((unwind) => {
      unwind.push(() => bs.uninstallMultipleProtocolInterfaces(this.handle, ...this.#interfaces));
      this.#tie();
    });
  }

  /**
   * Takes the partition away.
   * @returns whether it did: a Stop that comes while this one is at work finds nothing to do
   * @throws EFI_DEVICE_ERROR, with everything as it was, if someone holds on to the partition
   */
  stop(): boolean {
    if (this.#inStop) return false;
    this.#inStop = true;
    this.#flush();
    this.#bs.closeProtocol(this.#controller, DiskIoProtocol, this.#agent, this.handle);
    try {
      this.#bs.uninstallMultipleProtocolInterfaces(this.handle, ...this.#interfaces);
      return true;
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
      this.#inStop = false;
      this.#tie();
      throw new EfiError('EFI_DEVICE_ERROR', 'the partition is in use', { cause: caught });
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

  #tie(): void {
    this.#bs.openProtocol(
      this.#controller,
      DiskIoProtocol,
      this.#agent,
      this.handle,
      EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
    );
  }
}
