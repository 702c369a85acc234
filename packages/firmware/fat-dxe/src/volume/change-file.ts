import { EfiError } from '@dxelab/uefi';
import { unwinding } from '@dxelab/uefi-lib';
import type { DirectoryRecord } from '../layout/directory-record.ts';
import { ATTRIBUTE_DIRECTORY, RECORD_SIZE, writeRecord } from '../layout/directory-record.ts';
import { toFatDate, toFatTime } from '../layout/fat-time.ts';
import type { DirectoryEntry } from './directory-entry.ts';
import { FatNode } from './fat-node.ts';
import type { FatVolume } from './fat-volume.ts';
import { EMPTY_RECORD } from './node-tree.ts';

/**
 * Creates a file or a directory and brings it to the disk.
 * @throws EFI_VOLUME_FULL having changed nothing
 */
export function createFile(
  volume: FatVolume,
  parent: FatNode,
  name: string,
  attributes: number,
): FatNode {
  const record = newRecord(volume, attributes);
  const node = new FatNode(volume.space, parent, name, record);
  try {
    if (node.isDirectory) writeDots(volume, node, parent);
    record.firstCluster = node.stream.firstCluster;
    volume.tree.attach(node, parent, parent.directory.insert(name, record));
  } catch (caught) {
    volume.space.release(node.stream.cut(0));
    throw caught;
  }
  volume.tree.loosen(node);
  volume.commit();
  return node;
}

/** The content of a new directory comes before the entry that leads to it. */
function writeDots(volume: FatVolume, node: FatNode, parent: FatNode): void {
  const { clusterSize } = volume.space.geometry;
  node.stream.grow(clusterSize);
  const content = new Uint8Array(clusterSize);
  const dot = newRecord(volume, ATTRIBUTE_DIRECTORY);
  const { firstCluster } = node.stream;
  writeRecord(content, 0, { ...dot, shortName: '.'.padEnd(11), firstCluster });
  writeRecord(content, RECORD_SIZE, {
    ...dot,
    shortName: '..'.padEnd(11),
    firstCluster: parent.clusterForChildren,
  });
  node.stream.write(0, content);
  volume.space.flush();
}

function newRecord(volume: FatVolume, attributes: number): DirectoryRecord {
  const now = volume.now();
  const date = toFatDate(now);
  const time = toFatTime(now);
  return {
    ...EMPTY_RECORD,
    attributes,
    createDate: date,
    createTime: time,
    accessDate: date,
    modifyDate: date,
    modifyTime: time,
  };
}

/**
 * Deletes a file or an empty directory: the entry first, then its clusters.
 * @throws EFI_ACCESS_DENIED if it is the root or not empty, EFI_VOLUME_CORRUPTED if its chain is broken
 */
export function deleteFile(volume: FatVolume, node: FatNode): void {
  const { parent, entry } = node;
  if (parent === undefined || entry === undefined) {
    throw new EfiError('EFI_ACCESS_DENIED', `${node.path} cannot be deleted`);
  }
  if (node.isDirectory && !node.directory.isEmpty) {
    throw new EfiError('EFI_ACCESS_DENIED', `${node.path} is not empty`);
  }
  // A chain that is broken or shared must not be let go: another file may hang on it.
  node.stream.capacity();
  parent.directory.remove(entry);
  volume.forget(node);
  volume.tree.detach(node);
  node.entry = undefined;
  node.isDeleted = true;
  // The file is gone; if its clusters cannot be let go, they are lost until the next check.
  volume.attempt(() => {
    volume.space.release(node.stream.cut(0));
    volume.commit();
  });
}

/**
 * Gives a file another name or place. The new entry is on the disk before the old one goes, so that
 * nothing is lost in between.
 * @throws EFI_VOLUME_FULL if there is no room for the new entry
 */
export function renameFile(volume: FatVolume, node: FatNode, to: FatNode, name: string): void {
  const { parent: from, entry } = node;
  if (from === undefined || entry === undefined) return;
  volume.commit();
  const record = { ...node.record };
  if (volume.policy.renameRemovesFirst) removeFirst(volume, node, from, entry);
  const renamed =
    to === from && node.entry === entry
      ? from.directory.rename(entry, name, record)
      : to.directory.insert(name, record);
  if (to !== from) {
    unwinding((unwind) => {
      unwind.push(() => to.directory.remove(renamed));
      if (node.isDirectory) {
        unwind.push(() => pointToParent(node, from));
        pointToParent(node, to);
      }
      if (node.entry === entry) from.directory.remove(entry);
    });
  }
  volume.tree.detach(node);
  volume.tree.attach(node, to, renamed);
  Object.assign(node.record, record);
  volume.tree.loosen(from);
}

/** With EDK II's quirk the old entry goes first: if the new one then cannot be made, the file is lost. */
function removeFirst(volume: FatVolume, node: FatNode, from: FatNode, entry: DirectoryEntry): void {
  from.directory.remove(entry);
  volume.tree.detach(node);
  node.entry = undefined;
}

/** A directory that has moved names its new parent. */
function pointToParent(node: FatNode, parent: FatNode): void {
  const dots = node.directory.find('..');
  if (dots === undefined) return;
  const record = node.directory.record(dots);
  record.firstCluster = parent.clusterForChildren;
  node.directory.store(dots, record);
}
