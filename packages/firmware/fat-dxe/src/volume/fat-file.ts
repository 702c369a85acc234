import type {
  EfiFile,
  EfiFileInfo,
  EfiFileInfoChange,
  EfiFileMode,
  EfiFileSystemInfo,
  HostBuffer,
} from '@dxelab/uefi';
import { EFI_FILE_READ_ONLY, EFI_FILE_VALID_ATTR, EfiError, isEfiFailure } from '@dxelab/uefi';
import { RECORD_SIZE } from '../layout/directory-record.ts';
import { partOf } from '../space/byte-stream.ts';
import { createFile, deleteFile } from './change-file.ts';
import type { FatNode } from './fat-node.ts';
import type { FatVolume } from './fat-volume.ts';
import { fileInfo } from './file-info.ts';
import { locate } from './locate.ts';
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
  readonly #isReadOnly: boolean;
  /** In bytes; in a directory 32 times the next slot. */
  #position = 0;
  #isClosed = false;

  constructor(volume: FatVolume, node: FatNode, isReadOnly: boolean) {
    this.#volume = volume;
    this.#node = node;
    this.#isReadOnly = isReadOnly;
    node.handles++;
  }

  open(fileName: string, mode: EfiFileMode, attributes = 0): EfiFile {
    this.#demandOpen();
    judgeMode(mode, attributes);
    return this.#locked(() => this.#openLocked(fileName, mode, attributes));
  }

  close(): void {
    this.#demandOpen();
    this.#locked(() => {
      this.#release();
      // Close cannot fail: what could not be written is tried again with the next change.
      this.#volume.attempt(() => this.#volume.commit());
    });
  }

  delete(): 'EFI_SUCCESS' | 'EFI_WARN_DELETE_FAILURE' {
    this.#demandOpen();
    return this.#locked(() => {
      try {
        if (!this.#node.isDeleted) this.#deleteLocked();
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
    this.#demandOpen();
    const { lock } = this.#volume;
    const node = this.#node;
    if (node.isDirectory) {
      throw new EfiError('EFI_UNSUPPORTED', `${node.path} is a directory: use readDirectory`);
    }
    this.#demandPresent();
    const left = node.record.size - this.#position;
    if (left < 0) {
      throw new EfiError(
        'EFI_DEVICE_ERROR',
        `${node.path}: position ${this.#position} is beyond its ${node.record.size} bytes`,
      );
    }
    lock.acquire();
    try {
      this.#demandHealthy();
      const length = buffer.length < left ? buffer.length : left;
      judgeChain(node);
      if (length > 0) node.stream.read(this.#position, partOf(buffer, 0, length));
      this.#position += length;
      return length;
    } catch (caught) {
      throw this.#remember(caught);
    } finally {
      lock.release();
    }
  }

  readDirectory(): EfiFileInfo | undefined {
    this.#demandOpen();
    const node = this.#node;
    if (!node.isDirectory) {
      throw new EfiError('EFI_UNSUPPORTED', `${node.path} is a file: use read`);
    }
    this.#demandPresent();
    return this.#locked(() => {
      this.#demandHealthy();
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
    this.#demandOpen();
    const node = this.#node;
    if (node.isDirectory) {
      throw new EfiError('EFI_UNSUPPORTED', `${node.path} is a directory: it cannot be written`);
    }
    this.#demandPresent();
    this.#demandWritable();
    const { length } = buffer;
    return this.#locked(() => {
      this.#demandHealthy();
      if (length === 0) return 0;
      judgeFileSize(this.#position + length);
      try {
        writeFile(this.#volume, node, this.#position, buffer);
      } catch (caught) {
        throw this.#remember(caught);
      }
      this.#position += length;
      return length;
    });
  }

  getPosition(): number {
    this.#demandOpen();
    this.#demandPresent();
    if (this.#node.isDirectory) {
      throw new EfiError(
        'EFI_UNSUPPORTED',
        `${this.#node.path} is a directory: it has no position`,
      );
    }
    return this.#position;
  }

  setPosition(position: number | 'end'): void {
    this.#demandOpen();
    this.#demandPresent();
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
      this.#demandWritableVolume();
      setFileInfo(this.#volume, this.#node, change, this.#isReadOnly);
    });
  }

  setVolumeLabel(label: string): void {
    this.#inform(() => {
      this.#demandWritableVolume();
      setVolumeLabel(this.#volume, label);
      this.#volume.commit();
    });
  }

  flush(): void {
    this.#demandOpen();
    this.#locked(() => {
      this.#demandHealthy();
      this.#demandWritable();
      try {
        this.#volume.commit();
      } catch (caught) {
        throw this.#remember(caught);
      }
    });
  }

  #openLocked(fileName: string, mode: EfiFileMode, attributes: number): FatFile {
    const volume = this.#volume;
    if (mode !== 'read') this.#demandWritableVolume();
    this.#demandHealthy('EFI_NOT_FOUND');
    const found = locate(volume, this.#node, fileName, attributes);
    let { node } = found;
    if (found.missing !== undefined) {
      if (mode !== 'read-write-create') {
        throw new EfiError(
          'EFI_NOT_FOUND',
          `"${fileName}": ${node.path} has no "${found.missing}"`,
        );
      }
      node = createFile(volume, node, found.missing, attributes);
    }
    const isProtected = (node.record.attributes & EFI_FILE_READ_ONLY) !== 0 && !node.isDirectory;
    if (isProtected && mode !== 'read') {
      throw new EfiError('EFI_ACCESS_DENIED', `${node.path} is read-only`);
    }
    // A directory that cannot be read is better known now than at its first entry.
    if (node.isDirectory) node.directory.find('.');
    if (found.missing === undefined) volume.finishCall();
    return new FatFile(volume, node, mode === 'read');
  }

  #deleteLocked(): void {
    this.#demandHealthy();
    if (this.#isReadOnly) throw new EfiError('EFI_WRITE_PROTECTED', 'the handle is read-only');
    this.#demandWritableVolume();
    deleteFile(this.#volume, this.#node);
  }

  /** What Info.c has before every GetInfo and SetInfo. */
  #inform<Result>(body: () => Result): Result {
    this.#demandOpen();
    this.#demandPresent();
    return this.#locked(() => {
      this.#demandHealthy();
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
    this.#isClosed = true;
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

  /** In C the handle's memory would be free by now. */
  #demandOpen(): void {
    if (!this.#isClosed) return;
    throw new EfiError('EFI_INVALID_PARAMETER', `the handle on ${this.#node.path} was closed`);
  }

  #demandPresent(): void {
    if (!this.#node.isDeleted) return;
    throw new EfiError('EFI_DEVICE_ERROR', `${this.#node.path} was deleted`);
  }

  #demandHealthy(whenDeleted: 'EFI_NOT_FOUND' | 'EFI_DEVICE_ERROR' = 'EFI_DEVICE_ERROR'): void {
    const node = this.#node;
    this.#volume.disk.check();
    if (node.isDeleted) throw new EfiError(whenDeleted, `${node.path} was deleted`);
    if (node.failure === undefined) return;
    throw new EfiError(node.failure, `${node.path} has failed before`);
  }

  #demandWritableVolume(): void {
    if (!this.#volume.disk.readOnly) return;
    throw new EfiError('EFI_WRITE_PROTECTED', 'the medium is read-only');
  }

  #demandWritable(): void {
    this.#demandWritableVolume();
    if (!this.#isReadOnly) return;
    throw new EfiError('EFI_ACCESS_DENIED', `${this.#node.path} was opened for reading only`);
  }

  /** With EDK II's quirk a file that has failed once fails for as long as it is open. */
  #remember(caught: unknown): unknown {
    const { policy } = this.#volume;
    if (policy.errorsStick && isEfiFailure(caught) && caught.status !== 'EFI_VOLUME_FULL') {
      this.#node.failure ??= caught.status;
    }
    return caught;
  }
}

/** Before anything else is looked at (Open.c: FatOpenEx). */
function judgeMode(mode: EfiFileMode, attributes: number): void {
  if (mode !== 'read' && mode !== 'read-write' && mode !== 'read-write-create') {
    throw new EfiError('EFI_INVALID_PARAMETER', `there is no mode ${String(mode)}`);
  }
  if (mode !== 'read-write-create') return;
  if ((attributes & (EFI_FILE_READ_ONLY | ~EFI_FILE_VALID_ATTR)) !== 0) {
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `attributes 0x${attributes.toString(16)}: a file can be created with those of 0x36`,
    );
  }
}
