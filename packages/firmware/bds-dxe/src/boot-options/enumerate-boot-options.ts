import type { DevicePath, EfiBootServices, EfiHandle } from '@dxelab/uefi';
import { BlockIoProtocol, LoadFileProtocol, SimpleFileSystemProtocol } from '@dxelab/uefi';
import { handlesWith } from '../connect.ts';
import { opened, pathOf } from '../opened.ts';
import { bootDescription, uniqueDescriptions } from './boot-description.ts';

/** A device that can be booted. */
export interface FoundDevice {
  readonly description: string;
  readonly devicePath: DevicePath;
}

/**
 * What can be booted of what is connected: removable media that are there, fixed disks, file systems that stand on
 * no disk, and what loads files in its own way; partitions are found by way of their disks. BmEnumerateBootOptions of
 * UefiBootManagerLib/BmBoot.c.
 */
export function enumerateBootOptions(bs: EfiBootServices): readonly FoundDevice[] {
  const disks = handlesWith(bs, BlockIoProtocol).flatMap((handle) => {
    const media = opened(bs, handle, BlockIoProtocol)?.media;
    return media === undefined || media.logicalPartition ? [] : { handle, media };
  });
  const handles: readonly EfiHandle[] = [
    ...disks.filter(({ media }) => media.removableMedia && media.mediaPresent),
    ...disks.filter(({ media }) => !media.removableMedia),
    ...handlesWith(bs, SimpleFileSystemProtocol)
      .filter((handle) => opened(bs, handle, BlockIoProtocol) === undefined)
      .map((handle) => ({ handle })),
    ...handlesWith(bs, LoadFileProtocol).map((handle) => ({ handle })),
  ].map(({ handle }) => handle);
  const found = handles.flatMap((handle) => {
    const devicePath = pathOf(bs, handle);
    if (devicePath === undefined) return [];
    return { description: bootDescription(bs, handle, devicePath), devicePath };
  });
  const names = uniqueDescriptions(found.map(({ description }) => description));
  return found.map((device, at) => ({ ...device, description: names[at] ?? device.description }));
}
