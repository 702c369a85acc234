import type {
  EfiFile,
  EfiFileInfo,
  EfiFileInfoChange,
  EfiFileMode,
  EfiFileSystemInfo,
  HostBuffer,
} from '@dxelab/uefi';
import { EfiError, isEfiFailure } from '@dxelab/uefi';
import { RECORD_SIZE } from '../layout/directory-record.ts';
import { partOf } from '../space/byte-stream.ts';
import { deleteFile } from './change-file.ts';
import type { FatNode } from './fat-node.ts';
import type { FatVolume } from './fat-volume.ts';
import { fileInfo } from './file-info.ts';
import { FileGuard } from './file-guard.ts';
import { judgeOpen, openFile } from './open-file.ts';
import { judgeChain, judgeFileSize, writeFile } from './resize-file.ts';
import { setFileInfo } from './set-info.ts';
import { setVolumeLabel } from './volume-label.ts';

const EFI_FILE_PROTOCOL_REVISION = 0x0001_0000;

/**
 * EFI_FILE_PROTOCOL: one handle on a file or directory. The checks stand in EDK II's order, which decides
 * what a caller with two mistakes is told. FatPkg/EnhancedFatDxe/Open.c, ReadWrite.c, Info.c, Flush.c,
 * Delete.c; UEFI §13.5.
 */
export class FatFile implements EfiFile {
  readonly revision: number = EFI_FILE_PROTOCOL_REVISION;
  readonly #volume: FatVolume;
  readonly #node: FatNode;
  readonly #guard: FileGuard;
  /** In bytes; in a directory 32 times the next slot. */
  #position = 0;

  constructor(volume: FatVolume, node: FatNode, isReadOnly: boolean) {
    this.#volume = volume;
    this.#node = node;
    this.#guard = new FileGuard(volume, node, isReadOnly);
    node.handles++;
  }

  open(fileName: string, mode: EfiFileMode, attributes = 0): EfiFile {
    this.#guard.demandOpen();
    judgeOpen(mode, attributes);
    return this.#locked(() => {
      if (mode !== 'read') this.#guard.demandWritableVolume();
      this.#guard.demandHealthy('EFI_NOT_FOUND');
      const node = openFile(this.#volume, this.#node, fileName, mode, attributes);
      return new FatFile(this.#volume, node, mode === 'read');
    });
  }

  close(): void {
    this.#guard.demandOpen();
    this.#locked(() => {
      this.#release();
      // Close cannot fail: what could not be written is tried again with the next change.
      this.#volume.attempt(() => this.#volume.commit());
    });
  }

  delete(): 'EFI_SUCCESS' | 'EFI_WARN_DELETE_FAILURE' {
    this.#guard.demandOpen();
    return this.#locked(() => {
      try {
        if (this.#node.isDeleted) return 'EFI_SUCCESS';
        this.#guard.demandHealthy();
        this.#guard.demandWritable();
        deleteFile(this.#volume, this.#node);
        return 'EFI_SUCCESS';
      } catch (caught) {
        if (!isEfiFailure(caught)) throw caught;
        return 'EFI_WARN_DELETE_FAILURE';
      } finally {
        this.#release();
      }
    });
  }

  read(buffer: HostBuffer): number {
    this.#guard.demandOpen();
    const { lock } = this.#volume;
    const node = this.#node;
    if (node.isDirectory) {
      throw new EfiError('EFI_UNSUPPORTED', `${node.path} is a directory: use readDirectory`);
    }
    this.#guard.demandPresent();
    const left = node.record.size - this.#position;
    if (left < 0) {
      throw new EfiError(
        'EFI_DEVICE_ERROR',
        `${node.path}: position ${this.#position} is beyond its ${node.record.size} bytes`,
      );
    }
    lock.acquire();
    try {
      this.#guard.demandHealthy();
      const length = buffer.length < left ? buffer.length : left;
      judgeChain(node);
      if (length > 0) node.stream.read(this.#position, partOf(buffer, 0, length));
      this.#position += length;
      return length;
    } catch (caught) {
      throw this.#guard.remember(caught);
    } finally {
      lock.release();
    }
  }

  readDirectory(): EfiFileInfo | undefined {
    this.#guard.demandOpen();
    const node = this.#node;
    if (!node.isDirectory) {
      throw new EfiError('EFI_UNSUPPORTED', `${node.path} is a file: use read`);
    }
    this.#guard.demandPresent();
    return this.#locked(() => {
      this.#guard.demandHealthy();
      const { directory } = node;
      const entry = directory.next(this.#position / RECORD_SIZE);
      if (entry === undefined) return undefined;
      this.#position = (entry.slot + 1) * RECORD_SIZE;
      return this.#info(
        entry.name,
        node.children.get(entry.slot)?.record ?? directory.record(entry),
      );
    });
  }

  write(buffer: HostBuffer): number {
    this.#guard.demandOpen();
    const node = this.#node;
    if (node.isDirectory) {
      throw new EfiError('EFI_UNSUPPORTED', `${node.path} is a directory: it cannot be written`);
    }
    this.#guard.demandPresent();
    this.#guard.demandWritable();
    const { length } = buffer;
    return this.#locked(() => {
      this.#guard.demandHealthy();
      if (length === 0) return 0;
      judgeFileSize(this.#position + length);
      try {
        writeFile(this.#volume, node, this.#position, buffer);
      } catch (caught) {
        throw this.#guard.remember(caught);
      }
      this.#position += length;
      return length;
    });
  }

  getPosition(): number {
    this.#guard.demandOpen();
    this.#guard.demandPresent();
    if (this.#node.isDirectory) {
      throw new EfiError(
        'EFI_UNSUPPORTED',
        `${this.#node.path} is a directory: it has no position`,
      );
    }
    return this.#position;
  }

  setPosition(position: number | 'end'): void {
    this.#guard.demandOpen();
    this.#guard.demandPresent();
    if (position !== 'end' && !(Number.isInteger(position) && position >= 0)) {
      throw new EfiError('EFI_INVALID_PARAMETER', `a position cannot be ${position}`);
    }
    if (this.#node.isDirectory && position !== 0) {
      throw new EfiError('EFI_UNSUPPORTED', 'a directory can only be read again from position 0');
    }
    this.#position = position === 'end' ? this.#node.record.size : position;
  }

  getInfo(): EfiFileInfo {
    return this.#inform(() => {
      const info = this.#info(this.#node.name, this.#node.record);
      this.#volume.finishCall();
      return info;
    });
  }

  getFileSystemInfo(): EfiFileSystemInfo {
    return this.#inform(() => {
      const info = this.#volume.fileSystemInfo();
      this.#volume.finishCall();
      return info;
    });
  }

  setInfo(change: EfiFileInfoChange): void {
    this.#inform(() => {
      this.#guard.demandWritableVolume();
      setFileInfo(this.#volume, this.#node, change, this.#guard.isReadOnly);
    });
  }

  setVolumeLabel(label: string): void {
    this.#inform(() => {
      this.#guard.demandWritableVolume();
      setVolumeLabel(this.#volume, label);
      this.#volume.commit();
    });
  }

  flush(): void {
    this.#guard.demandOpen();
    this.#locked(() => {
      this.#guard.demandHealthy();
      this.#guard.demandWritable();
      try {
        this.#volume.commit();
      } catch (caught) {
        throw this.#guard.remember(caught);
      }
    });
  }

  /** What Info.c has before every GetInfo and SetInfo. */
  #inform<Result>(body: () => Result): Result {
    this.#guard.demandOpen();
    this.#guard.demandPresent();
    return this.#locked(() => {
      this.#guard.demandHealthy();
      return body();
    });
  }

  #info(name: string, record: FatNode['record']): EfiFileInfo {
    const { space } = this.#volume;
    return fileInfo(name, record, space.geometry.clusterSize, () =>
      record === this.#node.record
        ? this.#node.stream.capacity()
        : space.measure(record.firstCluster),
    );
  }

  #release(): void {
    this.#guard.close();
    this.#node.handles--;
    this.#volume.tree.loosen(this.#node);
  }

  #locked<Result>(body: () => Result): Result {
    const { lock } = this.#volume;
    lock.acquire();
    try {
      return body();
    } finally {
      this.#volume.tree.tidy();
      lock.release();
    }
  }
}
