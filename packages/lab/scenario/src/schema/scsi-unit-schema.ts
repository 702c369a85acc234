import * as z from 'zod';
import type { ScsiCdromData, ScsiDiskData } from '../scenario.ts';
import type { ScsiUnitInput } from '../scsi-input.ts';
import { given } from '../units/given.ts';
import { imageSchema } from './image.ts';
import { mapping, oneOf } from './mapping.ts';
import { wholeNumber, yesOrNo } from './scalars.ts';

const UINT32_MAX = 0xffff_ffff;
const BLOCK_SIZES = [512, 1024, 2048, 4096] as const;
const MAX_PHYSICAL_BLOCK = 2 ** 27;

/** Up to `most` characters, as INQUIRY data have room for. */
function asciiText(most: number): z.ZodType<string | undefined, string | undefined> {
  const error = `expected up to ${most} printable characters of ASCII`;
  return z
    .string({ error })
    .regex(new RegExp(`^[\\x20-\\x7e]{0,${most}}$`, 'u'), { error })
    .optional();
}

const WWN_EXPECTED =
  "expected a worldwide name of 16 hexadecimal digits such as '5000c500a1b2c3d4'";

/** What every logical unit has: where it is, and who it says it is. */
const unit = {
  target: wholeNumber(0, 255)
    .optional()
    .meta({ description: "QEMU's scsi-id; without it, the lowest that nobody names" }),
  lun: wholeNumber(0, 16383).default(0),
  vendor: asciiText(8),
  product: asciiText(16),
  revision: asciiText(4),
  serial: asciiText(36),
  wwn: z
    .string({ error: WWN_EXPECTED })
    .regex(/^(?:0x)?[0-9a-fA-F]{16}$/u, { error: WWN_EXPECTED })
    .transform((digits) => BigInt(`0x${digits.replace('0x', '')}`))
    .optional()
    .meta({ description: 'an NAA identifier: 16 hexadecimal digits' }),
  spinUp: wholeNumber(0, UINT32_MAX)
    .optional()
    .meta({ description: 'how many commands find it becoming ready, after power-on' }),
};

const diskSchema = mapping('a SCSI disk such as { image: disk.img }', {
  ...unit,
  image: imageSchema,
  writable: yesOrNo
    .default(false)
    .meta({ description: 'whether writes go to the image itself, not to an overlay' }),
  readOnly: yesOrNo.default(false).meta({ description: 'whether the disk is write-protected' }),
  removable: yesOrNo.optional().meta({ description: 'whether its medium can be changed' }),
  blockSize: z
    .literal(BLOCK_SIZES, { error: `expected ${BLOCK_SIZES.join(', ')}` })
    .optional()
    .meta({ description: 'the logical block, in bytes; default 512' }),
  physicalBlockSize: wholeNumber(512, MAX_PHYSICAL_BLOCK)
    .optional()
    .meta({ description: 'in bytes; default: the logical block' }),
  writeCache: yesOrNo.optional(),
  unmap: yesOrNo.optional().meta({ description: 'whether UNMAP is there' }),
  rotationRate: wholeNumber(0, 0xfffe)
    .optional()
    .meta({ description: 'in rotations a minute; 1 for a disk that does not rotate' }),
  maxTransferLength: wholeNumber(1, UINT32_MAX)
    .optional()
    .meta({ description: 'blocks that one command may move at most' }),
}).meta({ description: "a disk: QEMU's scsi-hd" });

const cdromSchema = mapping('a CD-ROM drive such as { image: boot.iso }', {
  ...unit,
  image: imageSchema.optional().meta({ description: 'an ISO image; without it, no disc' }),
}).meta({ description: "a CD-ROM drive: QEMU's scsi-cd" });

/** A logical unit whose target may still be open. */
export type UnplacedUnit = Unplaced<ScsiDiskData> | Unplaced<ScsiCdromData>;

type Unplaced<Unit> = Omit<Unit, 'target'> & { readonly target: number | undefined };

/** One logical unit, under the key that says what it is. */
export const scsiUnitSchema: z.ZodType<UnplacedUnit, ScsiUnitInput> = oneOf(
  'a logical unit',
  ['disk', 'cdrom'],
  [
    mapping('a logical unit', { disk: diskSchema }).transform(
      ({ disk: { target, lun, image, writable, ...options } }): UnplacedUnit => ({
        type: 'disk',
        target,
        lun,
        image,
        writable,
        options: given(options),
      }),
    ),
    mapping('a logical unit', { cdrom: cdromSchema }).transform(
      ({ cdrom: { target, lun, image, ...options } }): UnplacedUnit => ({
        type: 'cdrom',
        target,
        lun,
        image,
        options: given(options),
      }),
    ),
  ],
);
