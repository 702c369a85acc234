import * as z from 'zod';
import { BOOT_RESULTS, REQUEST_PARTS } from '../differences-input.ts';
import type { DifferenceInput } from '../differences-input.ts';
import type { DifferenceData } from '../scenario.ts';
import { mapping, oneOf } from './mapping.ts';
import { slotSchema, text, wholeNumber } from './scalars.ts';

const LAST_FEATURE = 127;
const LAST_QUEUE = 0xffff;
const ANY = '*';

const LISTED_PARTS = "'descriptors', 'data', 'length', 'command', 'response' or 'residual'";

const reason = text('a reason: why the machines may differ here').meta({
  description: 'why the machines may differ here',
});

/** What differences of a device have in common. */
const ofDevice = {
  device: text("a device such as 'virtio-blk 02.0', where * stands for anything")
    .default(ANY)
    .meta({ description: "such as 'virtio-blk 02.0' or '* mmio 23'; without it, every device" }),
  reason,
};

const featuresSchema = mapping('a difference such as { features: [7], reason }', {
  features: z
    .array(wholeNumber(0, LAST_FEATURE), { error: 'expected a list of bits such as [7, 30]' })
    .min(1, { error: 'expected at least one bit' })
    .meta({ description: 'feature bits that only one machine offers' }),
  ...ofDevice,
}).transform(({ features: bits, ...rest }): DifferenceData => ({
  kind: 'features',
  bits,
  ...rest,
}));

const registerSchema = mapping('a difference such as { register: config.+8, reason }', {
  register: text('the name of a register, where * stands for anything').meta({
    description: 'its value, and whether it is accessed; * stands for anything',
  }),
  ...ofDevice,
}).transform(({ register: name, ...rest }): DifferenceData => ({
  kind: 'register',
  name,
  ...rest,
}));

const requestSchema = mapping('a difference such as { request: data, reason }', {
  request: z
    .enum(REQUEST_PARTS, { error: `expected ${LISTED_PARTS}` })
    .meta({ description: 'which part of requests on a queue' }),
  queue: wholeNumber(0, LAST_QUEUE).optional().meta({ description: 'without it, every queue' }),
  command: text('a SCSI command such as INQUIRY, where * stands for anything')
    .optional()
    .meta({ description: "of SCSI commands those with this name: INQUIRY, 'READ (*)'" }),
  unit: text("a SCSI unit such as '0:300', where * stands for anything")
    .optional()
    .meta({ description: "of SCSI commands those to this target and LUN: '0:300', '1:*'" }),
  ...ofDevice,
}).transform(({ request: part, queue, command, unit, ...rest }): DifferenceData => ({
  kind: 'request',
  part,
  queue,
  command,
  unit,
  ...rest,
}));

const callSchema = mapping('a difference such as { call: BlockIo.readBlocks, reason }', {
  call: text('a call such as BlockIo.readBlocks, where * stands for anything').meta({
    description: "its status: 'BlockIo.readBlocks', 'VirtioBlkDxe.start'",
  }),
  ...ofDevice,
}).transform(({ call: name, ...rest }): DifferenceData => ({ kind: 'call', name, ...rest }));

const chipsetSchema = mapping('a difference such as { chipset: any, reason }', {
  chipset: z
    .union([z.literal('any').transform(() => undefined), z.array(slotSchema)], {
      error: "expected a list of slots such as ['1f.0'], or 'any'",
    })
    .meta({ description: "PCI functions that are no virtio devices: their slots, or 'any'" }),
  reason,
}).transform(({ chipset: slots, ...rest }): DifferenceData => ({
  kind: 'chipset',
  slots,
  ...rest,
}));

const bootSchema = mapping('a difference such as { boot: console, reason }', {
  boot: z
    .enum(BOOT_RESULTS, { error: "expected 'outcome', 'console' or 'attempts'" })
    .meta({ description: 'what the boot as a whole came to' }),
  reason,
}).transform(({ boot: result, ...rest }): DifferenceData => ({ kind: 'boot', result, ...rest }));

/** Something in which two machines may differ: known by its first key. */
export const differenceSchema: z.ZodType<DifferenceData, DifferenceInput> = oneOf(
  'a difference',
  ['features', 'register', 'request', 'call', 'chipset', 'boot'],
  [featuresSchema, registerSchema, requestSchema, callSchema, chipsetSchema, bootSchema],
);
