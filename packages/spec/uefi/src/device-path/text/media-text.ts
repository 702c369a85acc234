import { EfiError } from '../../status/efi-error.ts';
import type { Guid } from '../../guid.ts';
import { guidFromBytes, guidToBytes } from '../../guid.ts';
import {
  MBR_TYPE_EFI_PARTITION_TABLE_HEADER,
  MBR_TYPE_PCAT,
  SIGNATURE_TYPE_GUID,
  SIGNATURE_TYPE_MBR,
  bbsNode,
  cdromNode,
  firmwareFileNode,
  firmwareVolumeNode,
  hardDriveNode,
  mediaProtocolNode,
  ramDiskNode,
  relativeOffsetRangeNode,
  vendorMediaNode,
} from '../media-nodes.ts';
import { concatBytes } from '../../bytes.ts';
import type { DevicePathNode } from '../node.ts';
import { uint32 } from '../node.ts';
import {
  BBS_BBS_DP,
  BBS_DEVICE_PATH,
  MEDIA_CDROM_DP,
  MEDIA_DEVICE_PATH,
  MEDIA_HARDDRIVE_DP,
  MEDIA_PIWG_FW_FILE_DP,
  MEDIA_PIWG_FW_VOL_DP,
  MEDIA_PROTOCOL_DP,
  MEDIA_RAM_DISK_DP,
  MEDIA_RELATIVE_OFFSET_RANGE_DP,
  MEDIA_VENDOR_DP,
} from '../node-types.ts';
import {
  EFI_PERSISTENT_VIRTUAL_CD_GUID,
  EFI_PERSISTENT_VIRTUAL_DISK_GUID,
  EFI_VIRTUAL_CD_GUID,
  EFI_VIRTUAL_DISK_GUID,
} from '../vendor-guids.ts';
import type { NodeArguments } from './node-arguments.ts';
import type { NodePrinter } from './node-printer.ts';
import type { NodeText } from './node-text.ts';

const type = MEDIA_DEVICE_PATH;

const SIGNATURES = { MBR: SIGNATURE_TYPE_MBR, GPT: SIGNATURE_TYPE_GUID };
const MBR_TYPES: ReadonlyMap<number, number> = new Map([
  [SIGNATURE_TYPE_MBR, MBR_TYPE_PCAT],
  [SIGNATURE_TYPE_GUID, MBR_TYPE_EFI_PARTITION_TABLE_HEADER],
]);
const BBS_TYPES = { Floppy: 1, HD: 2, CDROM: 3, PCMCIA: 4, USB: 5, Network: 6 };

/** Media and BBS nodes as text (UEFI §10.6.1.6). A file path has no name: see node-to-text.ts. */
export const MEDIA_TEXTS: readonly NodeText[] = [
  {
    name: 'HD',
    type,
    subType: MEDIA_HARDDRIVE_DP,
    length: 42,
    print: (node) => [
      node.uint32(4).toString(),
      ...signatureToText(node),
      ...(isWholeDisk(node) ? [] : unlessDisplayOnly(node, node.uint64(8), node.uint64(16))),
    ],
    parse: parseHardDrive,
  },
  {
    name: 'CDROM',
    type,
    subType: MEDIA_CDROM_DP,
    length: 24,
    print: (node) => [
      node.hex(node.uint32(4)),
      ...unlessDisplayOnly(node, node.uint64(8), node.uint64(16)),
    ],
    parse: (args) => cdromNode(args.number(), args.bigint(0n), args.bigint(0n)),
  },
  {
    name: 'VenMedia',
    type,
    subType: MEDIA_VENDOR_DP,
    minimumLength: 20,
    print: (node) => [node.guid(4), ...node.optionalDump(20)],
    parse: (args) => vendorMediaNode(args.guid(), args.dump()),
  },
  guidOnly('Media', MEDIA_PROTOCOL_DP, mediaProtocolNode),
  guidOnly('FvFile', MEDIA_PIWG_FW_FILE_DP, firmwareFileNode),
  guidOnly('Fv', MEDIA_PIWG_FW_VOL_DP, firmwareVolumeNode),
  {
    name: 'Offset',
    type,
    subType: MEDIA_RELATIVE_OFFSET_RANGE_DP,
    length: 24,
    print: (node) => [node.hex(node.uint64(8)), node.hex(node.uint64(16))],
    parse: (args) => relativeOffsetRangeNode(args.bigint(), args.bigint()),
  },
  namedRamDisk('VirtualDisk', EFI_VIRTUAL_DISK_GUID),
  namedRamDisk('VirtualCD', EFI_VIRTUAL_CD_GUID),
  namedRamDisk('PersistentVirtualDisk', EFI_PERSISTENT_VIRTUAL_DISK_GUID),
  namedRamDisk('PersistentVirtualCD', EFI_PERSISTENT_VIRTUAL_CD_GUID),
  {
    name: 'RamDisk',
    type,
    subType: MEDIA_RAM_DISK_DP,
    length: 38,
    print: (node) => [...ramDiskRange(node), node.guid(20)],
    parse(args) {
      const [start, end, instance] = [args.bigint(), args.bigint(), args.number(0)];
      return ramDiskNode(start, end, args.guid(), instance);
    },
  },
  {
    name: 'BBS',
    type: BBS_DEVICE_PATH,
    subType: BBS_BBS_DP,
    minimumLength: 9,
    print(node): readonly string[] {
      const deviceType = node.uint16(4);
      const word = Object.entries(BBS_TYPES).find(([, value]) => value === deviceType)?.[0];
      const status = node.options.displayOnly === true ? [] : [node.hex(node.uint16(6))];
      return [word ?? node.hex(deviceType), node.char8(8), ...status];
    },
    parse(args) {
      const deviceType = args.keyword(BBS_TYPES);
      const description = args.text('a description', '');
      return bbsNode(deviceType, args.number(0), description);
    },
  },
];

/** The partition table's format and the signature. */
function signatureToText(node: NodePrinter): readonly string[] {
  const signatureType = node.uint8(41);
  if (signatureType === SIGNATURE_TYPE_MBR) return ['MBR', node.hex(node.uint32(24), 8)];
  if (signatureType === SIGNATURE_TYPE_GUID) return ['GPT', node.guid(24)];
  return [signatureType.toString(), '0'];
}

/** Partition 0 has no place of its own; EDK II writes one all the same. */
function isWholeDisk(node: NodePrinter): boolean {
  return node.uint32(4) === 0 && node.options.edk2 !== true;
}

function parseHardDrive(args: NodeArguments): DevicePathNode {
  const partitionNumber = args.number(0);
  const signatureType = args.keyword(SIGNATURES, SIGNATURE_TYPE_GUID);
  const signature =
    signatureType === SIGNATURE_TYPE_GUID
      ? guidToBytes(args.guid())
      : mbrSignature(args, signatureType);
  return hardDriveNode({
    partitionNumber,
    partitionStart: args.bigint(0n),
    partitionSize: args.bigint(0n),
    signature,
    mbrType: MBR_TYPES.get(signatureType) ?? 0,
    signatureType,
  });
}

/** The disk's signature and zeros; 0 where there is none. */
function mbrSignature(args: NodeArguments, signatureType: number): Uint8Array {
  const signature = args.number(0);
  if (signatureType !== SIGNATURE_TYPE_MBR && signature !== 0) {
    throw new EfiError('EFI_INVALID_PARAMETER', 'without MBR or GPT there is no signature but 0');
  }
  return concatBytes(uint32(signature), new Uint8Array(12));
}

function unlessDisplayOnly(node: NodePrinter, ...values: readonly bigint[]): readonly string[] {
  return node.options.displayOnly === true ? [] : values.map((value) => node.hex(value));
}

function guidOnly(name: string, subType: number, build: (value: Guid) => DevicePathNode): NodeText {
  return {
    name,
    type,
    subType,
    length: 20,
    print: (node) => [node.guid(4)],
    parse: (args) => build(args.guid()),
  };
}

/** `VirtualDisk(start,end,instance)`: a RAM disk whose type has a name. */
function namedRamDisk(name: string, diskType: Guid): NodeText {
  return {
    name,
    type,
    subType: MEDIA_RAM_DISK_DP,
    length: 38,
    print: (node) => (guidFromBytes(node.bytes, 20) === diskType ? ramDiskRange(node) : undefined),
    parse: (args) => ramDiskNode(args.bigint(), args.bigint(), diskType, args.number(0)),
  };
}

function ramDiskRange(node: NodePrinter): readonly string[] {
  return [node.hex(node.uint64(4)), node.hex(node.uint64(12)), node.hex(node.uint16(36))];
}
