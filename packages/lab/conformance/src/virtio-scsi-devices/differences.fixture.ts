/** In what QEMU's units answer otherwise than ours. */
export interface Difference {
  /** A part of the unit's name. */
  readonly unit: string;
  /** A part of the reading's name. */
  readonly reading: string;
  /** Names of what was decoded; without them, all. */
  readonly names?: readonly string[];
  readonly reason: string;
}

const OUTCOME = ['status', 'sense'];

/** Every difference that there is, and why. */
export const DIFFERENCES: readonly Difference[] = [
  // Who it is
  {
    unit: '',
    reading: 'INQUIRY',
    names: ['flags'],
    reason: 'QEMU sets a bit of parallel SCSI (SYNC)',
  },
  {
    unit: '',
    reading: 'VPD page 83',
    names: ['designator of type 0', 'designator of type 1'],
    reason: 'ours begins with vendor and product (T10, SPC-4 §7.8.6.4), QEMU has the serial alone',
  },
  // Limits and provisioning of disks
  {
    unit: 'a disk',
    reading: 'VPD page b0',
    names: ['maximumWriteSameLength'],
    reason: 'QEMU writes as many blocks of the same as it moves of others; ours 65536',
  },
  {
    unit: 'a disk that cannot be written',
    reading: 'VPD page b0',
    names: ['maximumUnmapLbaCount', 'maximumUnmapBlockDescriptorCount', 'optimalUnmapGranularity'],
    reason: 'QEMU offers UNMAP of what cannot be written',
  },
  {
    unit: 'a disk that cannot be written',
    reading: 'VPD page b2',
    reason: 'QEMU offers UNMAP of what cannot be written',
  },
  {
    unit: 'a disk that cannot be written',
    reading: 'READ CAPACITY (16)',
    names: ['provisioningManaged'],
    reason: 'and so says that it is thin',
  },
  // Mode pages
  {
    unit: 'a disk',
    reading: 'MODE SENSE',
    names: ['deviceSpecific'],
    reason: 'QEMU has DPO and FUA only where its property dpofua says so',
  },
  {
    unit: '',
    reading: 'MODE SENSE',
    names: ['page 0a', 'page 1c'],
    reason: 'QEMU has no control page and no informational exceptions',
  },
  {
    unit: 'a disk',
    reading: 'MODE SENSE',
    names: ['page 04', 'page 05'],
    reason: 'QEMU has the geometry of rotating disks, obsolete since SBC-3',
  },
  {
    unit: 'drive',
    reading: 'MODE SENSE',
    names: ['page 01', 'page 08'],
    reason: 'QEMU’s drives have the pages of its disks',
  },
  {
    unit: 'drive',
    reading: 'MODE SENSE',
    names: ['page 0e', 'page 2a'],
    reason: 'QEMU’s drives play audio and have a volume; ours read data',
  },
  {
    unit: 'drive',
    reading: 'MODE SENSE (6), caching page',
    reason: 'and so has QEMU’s drive a caching page',
  },
  // Commands of disks and of drives
  {
    unit: 'a disk',
    reading: 'READ TOC',
    reason: 'QEMU’s disks have a table of contents, as if they were discs',
  },
  {
    unit: 'a disk',
    reading: 'GET CONFIGURATION',
    names: ['sense'],
    reason: 'QEMU’s disks know the command and refuse its field; ours do not know it',
  },
  {
    unit: 'a disk',
    reading: 'GET EVENT STATUS NOTIFICATION',
    names: ['sense'],
    reason: 'as GET CONFIGURATION',
  },
  {
    unit: 'a disk',
    reading: 'READ DISC INFORMATION',
    names: ['sense'],
    reason: 'as GET CONFIGURATION',
  },
  {
    unit: '',
    reading: 'TEST UNIT READY when stopped',
    names: OUTCOME,
    reason: 'QEMU’s units do not stop unless they eject',
  },
  {
    unit: 'a disk that cannot be written',
    reading: 'WRITE (10) of too little',
    reason: 'QEMU looks at the buffer before it asks the disk: OVERRUN',
  },
  { unit: 'drive', reading: 'VPD page b1', reason: 'QEMU’s drives have pages of disks' },
  { unit: 'drive', reading: 'VPD page b2', reason: 'QEMU’s drives have pages of disks' },
  {
    unit: 'drive',
    reading: 'READ CAPACITY (16)',
    reason: 'MMC-6 has READ CAPACITY (10) only; QEMU’s drives have both',
  },
  {
    unit: 'drive',
    reading: 'SYNCHRONIZE CACHE',
    reason: 'QEMU’s drives have a cache to write, although they cannot',
  },
  {
    unit: 'a drive with a disc',
    reading: 'READ TOC',
    names: ['data'],
    reason: 'QEMU’s lead-out may be copied (control 6), its track may not (4); ours are alike',
  },
  {
    unit: 'drive',
    reading: 'GET CONFIGURATION',
    names: ['data'],
    reason: 'QEMU’s data length counts all features, not the one that was asked for (MMC-6 §6.5.2)',
  },
  {
    unit: 'drive',
    reading: 'GET EVENT STATUS NOTIFICATION',
    names: ['data'],
    reason: 'QEMU’s length leaves two bytes of its own header out (MMC-6 §6.6.2)',
  },
  {
    unit: 'an empty drive',
    reading: 'REQUEST SENSE',
    names: ['data'],
    reason: 'QEMU says again what the last answer had said',
  },
  // Targets
  {
    unit: 'a disk that cannot be written',
    reading: 'REPORT LUNS',
    reason: 'QEMU answers at LUN 0 only, which is all that SPC-4 §6.33 demands',
  },
  {
    unit: 'a logical unit that is not there',
    reading: 'INQUIRY',
    reason: 'QEMU fills in the qualifier alone',
  },
  {
    unit: 'a logical unit that is not there',
    reading: 'VPD page 00',
    reason: 'QEMU has a list of pages of nothing',
  },
  {
    unit: 'a logical unit that is not there',
    reading: 'an operation code that there is not',
    names: ['sense'],
    reason: 'QEMU looks at the command before it looks for the unit',
  },
  {
    unit: 'a logical unit that is not there',
    reading: 'TEST UNIT READY after power-on',
    names: ['sense'],
    reason: 'QEMU tells what happened to another unit of the target',
  },
];
