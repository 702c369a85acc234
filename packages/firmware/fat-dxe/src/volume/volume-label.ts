import { EfiError } from '@dxelab/uefi';
import type { FatPolicy } from '../fat-policy.ts';
import { CODE_PAGE_437, LATIN_1, decodeOem } from '../layout/code-page.ts';
import { ATTRIBUTE_VOLUME_ID } from '../layout/directory-record.ts';
import { toFatDate, toFatTime } from '../layout/fat-time.ts';
import type { Directory } from './directory.ts';
import type { FatVolume } from './fat-volume.ts';
import { EMPTY_RECORD } from './node-tree.ts';

const MAX_LABEL_LENGTH = 11;
/** What the boot sector says when there is no label. */
const NO_NAME = 'NO NAME    ';
/** An 8.3 name's characters, and the space. */
const LEGAL_LABEL = /^[A-Z0-9$%'\-_@~`!(){}^#& ]*$/;

/** The label of a volume, from its root directory; empty if it has none. */
export function volumeLabel(root: Directory, policy: FatPolicy): string {
  return decodeOem(root.label ?? '', policy.latin1Names ? LATIN_1 : CODE_PAGE_437);
}

/**
 * Gives the volume a label, in capital letters; an empty one removes it. FatPkg/EnhancedFatDxe/
 * DirectoryManage.c: FatSetVolumeEntry.
 * @throws EFI_UNSUPPORTED if FAT cannot write it, EFI_VOLUME_FULL
 */
export function setVolumeLabel(volume: FatVolume, label: string): void {
  const text = label.toUpperCase();
  if (text.length > MAX_LABEL_LENGTH || !LEGAL_LABEL.test(text)) {
    throw new EfiError(
      'EFI_UNSUPPORTED',
      `a label has at most ${MAX_LABEL_LENGTH} of the characters of an 8.3 name and spaces, not "${label}"`,
    );
  }
  const padded = text.padEnd(MAX_LABEL_LENGTH);
  const now = volume.now();
  const isEmpty = text.trimEnd() === '';
  volume.tree.root.directory.setLabel(
    isEmpty
      ? undefined
      : {
          ...EMPTY_RECORD,
          shortName: padded,
          attributes: ATTRIBUTE_VOLUME_ID,
          modifyDate: toFatDate(now),
          modifyTime: toFatTime(now),
        },
  );
  if (!volume.policy.labelOnlyInRoot) setBootSectorLabel(volume, isEmpty ? NO_NAME : padded);
}

/** The boot sector, and on FAT32 its backup, repeat the label, and a check compares them. */
function setBootSectorLabel(volume: FatVolume, label: string): void {
  const { type, backupBootOffset } = volume.space.geometry;
  const signatureAt = type === 'FAT32' ? 66 : 38;
  for (const sector of [0, backupBootOffset]) {
    if (sector === undefined) continue;
    const head = new Uint8Array(128);
    volume.disk.read(sector, head);
    // Without the extended boot signature there is no label there.
    if (head[signatureAt] !== 0x29) continue;
    volume.disk.write(
      sector + signatureAt + 5,
      Uint8Array.from(label, (char) => char.charCodeAt(0)),
    );
  }
}
