import type { DevicePath, EfiBootServices, EfiHandle, EfiStatus, Protocol } from '@dxelab/uefi';
import {
  BlockIoProtocol,
  DevicePathProtocol,
  DiskIoProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_TEST_PROTOCOL,
  EfiError,
  TPL_CALLBACK,
  isDevicePathEnd,
  isEfiFailure,
} from '@dxelab/uefi';
import type { DriverBindingBody, ModuleLibraries } from '@dxelab/uefi-lib';
import { DEBUG_ERROR, hasChildren, stopChildren, unwinding } from '@dxelab/uefi-lib';
import { Disk, isMediaFailure } from './disk.ts';
import { findPartitions } from './find-partitions.ts';
import type { ParentDisk } from './parent-disk.ts';
import { closeParentDisk, openParentDisk } from './parent-disk.ts';
import { PartitionChild } from './partition-child.ts';
import type { PartitionQuirks } from './partition-quirks.ts';
import { partitionQuirks } from './partition-quirks.ts';
import type { Partition } from './partition.ts';
import { MOST_NESTED_PARTITIONS, isNamed, namesPartition, nesting } from './place.ts';

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
      const status = this.#tryOpen(controller, protocol, EFI_OPEN_PROTOCOL_BY_DRIVER);
      // Started already: it may be asked for more children.
      if (status === 'EFI_ALREADY_STARTED') return 'EFI_SUCCESS';
      if (status !== 'EFI_SUCCESS') return status;
      this.#bs.closeProtocol(controller, protocol, this.#agent, controller);
    }
    return this.#tryOpen(controller, BlockIoProtocol, EFI_OPEN_PROTOCOL_TEST_PROTOCOL);
  }

  start(controller: EfiHandle, remaining?: DevicePath): void {
    const oldTpl = this.#bs.raiseTpl(TPL_CALLBACK);
    try {
      if (remaining !== undefined && isDevicePathEnd(remaining)) return;
      unwinding((unwind) => {
        const parent = openParentDisk(this.#bs, this.#agent, controller, unwind);
        const hadMedia = parent.blockIo.media.mediaPresent;
        try {
          this.#makeChildren(controller, parent, remaining);
        } catch (caught) {
          // When the medium changes, BlockIo is reinstalled, and this driver stopped and started again,
          // before the read has failed: what is open then belongs to the new start.
          if (isMediaFailure(caught) && (hadMedia || !isNoMedia(caught))) unwind.release();
          throw caught;
        }
      });
    } finally {
      this.#bs.restoreTpl(oldTpl);
    }
  }

  stop(controller: EfiHandle, children: readonly EfiHandle[]): void {
    if (children.length === 0) {
      // Asked for: when Stop is entered a second time the list of children may be stale.
      if (hasChildren(this.#bs, { controller, protocol: DiskIoProtocol })) {
        throw new EfiError('EFI_DEVICE_ERROR', 'the disk still has partitions');
      }
      closeParentDisk(this.#bs, this.#agent, controller);
      return;
    }
    stopChildren(children, 'partitions', (handle) => {
      if (this.#children.get(handle)?.stop() === true) this.#children.delete(handle);
    });
  }

  #makeChildren(
    controller: EfiHandle,
    parent: ParentDisk,
    remaining: DevicePath | undefined,
  ): void {
    const partitions = this.#findPartitions(parent, remaining);
    const failures = partitions.map((partition) => this.#makeChild(controller, parent, partition));
    const [first] = failures;
    if (first !== undefined && failures.every((failure) => failure !== undefined)) throw first;
  }

  /** The partitions that are wanted. @throws EFI_UNSUPPORTED, EFI_NOT_FOUND, and as findPartitions */
  #findPartitions(parent: ParentDisk, remaining: DevicePath | undefined): readonly Partition[] {
    const { above, blockIo, devicePath, diskIo } = parent;
    const { mediaPresent, removableMedia, logicalPartition } = blockIo.media;
    if (!mediaPresent && (!removableMedia || logicalPartition)) {
      throw new EfiError('EFI_UNSUPPORTED', 'no medium, and none that could be inserted');
    }
    if (nesting(devicePath) >= MOST_NESTED_PARTITIONS) {
      throw new EfiError('EFI_UNSUPPORTED', `${MOST_NESTED_PARTITIONS} partitions in each other`);
    }
    const disk = new Disk(blockIo, diskIo, this.#libraries.debug, above);
    const all = findPartitions(disk, this.#quirks);
    if (remaining === undefined || this.#quirks.ignoresRemainingDevicePath) return all;
    const named = all.filter(({ node }) => isNamed(node, remaining));
    if (named.length > 0) return named;
    throw new EfiError('EFI_NOT_FOUND', 'the disk has no partition of that number');
  }

  /** One partition that cannot be had does not keep the others away. */
  #makeChild(
    controller: EfiHandle,
    parent: ParentDisk,
    partition: Partition,
  ): EfiError | undefined {
    try {
      const child = new PartitionChild(this.#bs, this.#agent, controller, parent, partition);
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

  #tryOpen(controller: EfiHandle, protocol: Protocol<unknown>, attributes: number): EfiStatus {
    return this.#bs.tryOpenProtocol(controller, protocol, this.#agent, controller, attributes)
      .status;
  }
}

function isNoMedia(caught: unknown): boolean {
  return isEfiFailure(caught) && caught.status === 'EFI_NO_MEDIA';
}
