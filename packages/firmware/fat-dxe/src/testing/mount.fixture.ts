import type { EfiFile, EfiStatus, EfiTime } from '@dxelab/uefi';
import { efiStatusOf } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import type { QuirkName } from '@dxelab/uefi-lib';
import { fatPolicy } from '../fat-policy.ts';
import { FAT_EPOCH } from '../layout/fat-time.ts';
import { FatFileSystem } from '../volume/fat-file-system.ts';
import { FatVolume } from '../volume/fat-volume.ts';
import type { VolumeLock } from '../volume/volume-lock.ts';
import { NO_LOCK } from '../volume/volume-lock.ts';
import { MemoryDisk } from './memory-disk.fixture.ts';
import type { Format } from './mkfs.fixture.ts';
import { makeVolume } from './mkfs.fixture.ts';

export interface MountOptions {
  readonly profile?: Profile;
  readonly quirks?: Partial<Record<QuirkName, boolean>>;
  readonly now?: () => EfiTime;
  readonly lock?: VolumeLock;
}

/** A mounted volume, its disk, and the root directory. */
export interface Mounted {
  readonly disk: MemoryDisk;
  readonly volume: FatVolume;
  readonly fileSystem: FatFileSystem;
  readonly root: EfiFile;
  readonly warnings: string[];
}

export function mount(disk: MemoryDisk, options: MountOptions = {}): Mounted {
  const warnings: string[] = [];
  const { profile = 'specification', quirks = {}, now = () => FAT_EPOCH, lock = NO_LOCK } = options;
  const volume = new FatVolume(disk.diskIo, disk.blockIo, {
    policy: fatPolicy(new Quirks(profile, quirks)),
    lock,
    now,
    warn: (message) => void warnings.push(message),
  });
  const fileSystem = new FatFileSystem(volume);
  return { disk, volume, fileSystem, root: fileSystem.openVolume(), warnings };
}

/** A new volume, mounted. */
export function mountNew(format: Format, options: MountOptions = {}): Mounted {
  return mount(new MemoryDisk(makeVolume(format), format.sectorSize ?? 512), options);
}

/** Bytes that differ from place to place and from seed to seed. */
export function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed * 2654435761 + 12345;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[index] = state >>> 16;
  }
  return bytes;
}

export function writeWhole(directory: EfiFile, path: string, content: Uint8Array): void {
  const file = directory.open(path, 'read-write-create');
  file.write(content);
  file.close();
}

export function readWhole(directory: EfiFile, path: string): Uint8Array {
  const file = directory.open(path, 'read');
  const content = new Uint8Array(file.getInfo().fileSize);
  const length = file.read(content);
  file.close();
  return content.subarray(0, length);
}

/** The names in a directory, without the dots. */
export function list(directory: EfiFile): string[] {
  const names: string[] = [];
  directory.setPosition(0);
  for (let info = directory.readDirectory(); info; info = directory.readDirectory()) {
    if (info.fileName !== '.' && info.fileName !== '..') names.push(info.fileName);
  }
  return names;
}

/** Whether two arrays are equal: Vitest's own comparison of megabytes takes minutes. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) {
    if (one[index] !== other[index]) return false;
  }
  return true;
}

/** What a call ends with. */
export function statusOf(call: () => unknown): EfiStatus {
  try {
    call();
    return 'EFI_SUCCESS';
  } catch (caught) {
    return efiStatusOf(caught);
  }
}
