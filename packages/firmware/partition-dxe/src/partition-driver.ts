import type {
  DevicePath,
  EfiBlockIo,
  EfiBootServices,
  EfiDiskIo,
  EfiHandle,
  EfiStatus,
  OpenProtocolResult,
  Protocol,
} from '@dxelab/uefi';
import {
  BlockIoProtocol,
  DevicePathProtocol,
  DiskIoProtocol,
  EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  EFI_OPEN_PROTOCOL_TEST_PROTOCOL,
  EfiError,
  PartitionInfoProtocol,
  TPL_CALLBACK,
  appendDevicePathNode,
  isDevicePathEnd,
  isEfiError,
  isEfiFailure,
} from '@dxelab/uefi';
import type { DriverBindingBody, ModuleLibraries } from '@dxelab/uefi-lib';
import { DEBUG_ERROR } from '@dxelab/uefi-lib';
import { Disk, isMediaFailure } from './disk.ts';
import { findPartitions } from './find-partitions.ts';
import { PartitionBlockIo } from './partition-block-io.ts';
import { PartitionChild } from './partition-child.ts';
import type { PartitionQuirks } from './partition-quirks.ts';
import { partitionQuirks } from './partition-quirks.ts';
import type { Partition } from './partition.ts';
import { MOST_NESTED_PARTITIONS, isNamed, namesPartition, nesting, placeAbove } from './place.ts';

/** What Start has opened of the disk. */
interface Parent {
  readonly blockIo: EfiBlockIo;
  readonly diskIo: EfiDiskIo;
  readonly devicePath: DevicePath;
  /** Whether an earlier Start holds the protocols already. */
  readonly wasOpen: boolean;
}

/**
 * The binding of a bus driver: DiskIo, BlockIo and the device path of a disk below, a handle for each
 * partition above (MdeModulePkg/Universal/Disk/PartitionDxe/Partition.c).
 */
export class PartitionDriver implements DriverBindingBody {
  /** Above FatDxe's 0xA: on a disk that both could take, the partitions come first. */
  readonly version: number = 0xb;
  readonly #bs: EfiBootServices;
  readonly #agent: EfiHandle;
  readonly #libraries: ModuleLibraries;
  readonly #quirks: PartitionQuirks;
  readonly #children = new Map<EfiHandle, PartitionChild>();

  constructor(bs: EfiBootServices, agent: EfiHandle, libraries: ModuleLibraries) {
    this.#bs = bs;
    this.#agent = agent;
    this.#libraries = libraries;
    this.#quirks = partitionQuirks(libraries.quirks);
  }

  supported(controller: EfiHandle, remaining?: DevicePath): EfiStatus {
    if (remaining !== undefined && !isDevicePathEnd(remaining) && !namesPartition(remaining)) {
      return 'EFI_UNSUPPORTED';
    }
    const needed: readonly Protocol<unknown>[] = [DiskIoProtocol, DevicePathProtocol];
    for (const protocol of needed) {
      const { status } = this.#tryOpen(controller, protocol, EFI_OPEN_PROTOCOL_BY_DRIVER);
      // Started already: it may be asked for more children.
      if (status === 'EFI_ALREADY_STARTED') return 'EFI_SUCCESS';
      if (status !== 'EFI_SUCCESS') return status;
      this.#close(controller, protocol);
    }
    return this.#tryOpen(controller, BlockIoProtocol, EFI_OPEN_PROTOCOL_TEST_PROTOCOL).status;
  }

  start(controller: EfiHandle, remaining?: DevicePath): void {
    const oldTpl = this.#bs.raiseTpl(TPL_CALLBACK);
    try {
      if (remaining !== undefined && isDevicePathEnd(remaining)) return;
      const parent = this.#openParent(controller);
      const hadMedia = parent.blockIo.media.mediaPresent;
      try {
        this.#makeChildren(controller, parent, remaining);
      } catch (caught) {
        // When the medium changes, BlockIo is reinstalled and this driver stopped and started again
        // before the read has failed: what is open then belongs to the new start.
        const wasRestarted = isMediaFailure(caught) && (hadMedia || !isNoMedia(caught));
        if (!parent.wasOpen && !wasRestarted) this.#closeParent(controller);
        throw caught;
      }
    } finally {
      this.#bs.restoreTpl(oldTpl);
    }
  }

  stop(controller: EfiHandle, children: readonly EfiHandle[]): void {
    if (children.length === 0) {
      if (this.#hasChildren(controller)) {
        throw new EfiError('EFI_DEVICE_ERROR', 'the disk still has partitions');
      }
      this.#closeParent(controller);
      return;
    }
    const failures = children.map((handle) => this.#stopChild(handle));
    const failed = failures.filter((failure) => failure !== undefined);
    if (failed.length === 0) return;
    throw new EfiError('EFI_DEVICE_ERROR', `${failed.length} partitions are not stopped`, {
      cause: failed[0],
    });
  }

  #openParent(controller: EfiHandle): Parent {
    const blockIo = this.#bs.openProtocol(
      controller,
      BlockIoProtocol,
      this.#agent,
      controller,
      EFI_OPEN_PROTOCOL_GET_PROTOCOL,
    );
    const path = this.#tryOpen(controller, DevicePathProtocol, EFI_OPEN_PROTOCOL_BY_DRIVER);
    const devicePath = opened(path, DevicePathProtocol);
    const disk = this.#tryOpen(controller, DiskIoProtocol, EFI_OPEN_PROTOCOL_BY_DRIVER);
    try {
      const diskIo = opened(disk, DiskIoProtocol);
      return { blockIo, diskIo, devicePath, wasOpen: disk.status === 'EFI_ALREADY_STARTED' };
    } catch (caught) {
      if (path.status === 'EFI_SUCCESS') this.#close(controller, DevicePathProtocol);
      throw caught;
    }
  }

  #makeChildren(controller: EfiHandle, parent: Parent, remaining: DevicePath | undefined): void {
    const { blockIo, devicePath, diskIo } = parent;
    const { mediaPresent, removableMedia, logicalPartition } = blockIo.media;
    if (!mediaPresent && (!removableMedia || logicalPartition)) {
      throw new EfiError('EFI_UNSUPPORTED', 'no medium, and none that could be inserted');
    }
    if (nesting(devicePath) >= MOST_NESTED_PARTITIONS) {
      throw new EfiError('EFI_UNSUPPORTED', `${MOST_NESTED_PARTITIONS} partitions in each other`);
    }
    const above = placeAbove(
      devicePath,
      this.#tryOpen(controller, PartitionInfoProtocol, EFI_OPEN_PROTOCOL_GET_PROTOCOL).interface,
    );
    const disk = new Disk(blockIo, diskIo, this.#libraries.debug, above);
    const all = findPartitions(disk, this.#quirks);
    const named =
      remaining === undefined || this.#quirks.ignoresRemainingDevicePath
        ? all
        : all.filter(({ node }) => isNamed(node, remaining));
    if (named.length === 0 && all.length > 0) {
      throw new EfiError('EFI_NOT_FOUND', 'the disk has no partition of that number');
    }
    const failures = named.map((partition) => this.#makeChild(controller, parent, partition));
    const [first] = failures;
    if (first !== undefined && failures.every((failure) => failure !== undefined)) throw first;
  }

  /** One partition that cannot be had does not keep the others away. */
  #makeChild(controller: EfiHandle, parent: Parent, partition: Partition): EfiError | undefined {
    const blockIo = new PartitionBlockIo(parent.blockIo, parent.diskIo, partition);
    const devicePath = appendDevicePathNode(parent.devicePath, partition.node);
    try {
      const child = new PartitionChild(
        this.#bs,
        this.#agent,
        controller,
        partition,
        devicePath,
        blockIo,
      );
      this.#children.set(child.handle, child);
      return undefined;
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
      // The child of an earlier Start.
      if (caught.status === 'EFI_ALREADY_STARTED') return undefined;
      this.#libraries.debug.debug(DEBUG_ERROR, `a partition gets no handle: ${caught.message}`);
      return caught;
    }
  }

  #stopChild(handle: EfiHandle): EfiError | undefined {
    try {
      this.#children.get(handle)?.stop();
      this.#children.delete(handle);
      return undefined;
    } catch (caught) {
      if (isEfiFailure(caught)) return caught;
      throw caught;
    }
  }

  #hasChildren(controller: EfiHandle): boolean {
    return this.#bs
      .openProtocolInformation(controller, DiskIoProtocol)
      .some(({ attributes }) => (attributes & EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER) !== 0);
  }

  #closeParent(controller: EfiHandle): void {
    this.#close(controller, DiskIoProtocol);
    this.#close(controller, DevicePathProtocol);
  }

  #tryOpen<I>(
    controller: EfiHandle,
    protocol: Protocol<I>,
    attributes: number,
  ): OpenProtocolResult<I> {
    return this.#bs.tryOpenProtocol(controller, protocol, this.#agent, controller, attributes);
  }

  #close(controller: EfiHandle, protocol: Protocol<unknown>): void {
    this.#bs.closeProtocol(controller, protocol, this.#agent, controller);
  }
}

/** What was opened, now or by an earlier Start. @throws the status of one that was not */
function opened<I>({ interface: instance, status }: OpenProtocolResult<I>, of: Protocol<I>): I {
  if (instance !== undefined) return instance;
  throw new EfiError(isEfiError(status) ? status : 'EFI_UNSUPPORTED', `no ${of.name} to open`);
}

function isNoMedia(caught: unknown): boolean {
  return isEfiFailure(caught) && caught.status === 'EFI_NO_MEDIA';
}
