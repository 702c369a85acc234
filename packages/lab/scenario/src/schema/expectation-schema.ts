import { EFI_ERROR_WORDS } from '@dxelab/uefi';
import * as z from 'zod';
import type { ExpectationData } from '../scenario.ts';
import { OUTCOMES } from '../scenario-input.ts';
import type { ExpectationInput } from '../scenario-input.ts';
import { mapping, oneOf } from './mapping.ts';
import { devicePathSchema, text, textPatternSchema, yesOrNo } from './scalars.ts';
import { bytesSchema, vendorSchema } from './variables-schema.ts';
import { hexOf } from '../units/hex.ts';

const STATUSES = ['EFI_SUCCESS', ...EFI_ERROR_WORDS] as const;

const outcomeSchema = mapping('an outcome', {
  outcome: z.enum(OUTCOMES),
  image: text('the path of an image file').optional(),
  message: textPatternSchema.optional(),
}).transform(({ outcome, image, message }): ExpectationData => ({
  kind: 'outcome',
  outcome,
  image,
  message,
}));

const handleSchema = mapping('a handle', {
  handle: devicePathSchema,
  present: yesOrNo.default(true).meta({ description: 'whether there is to be such a handle' }),
  driver: text('the name of a driver').optional(),
  protocols: z
    .array(text('the name or GUID of a protocol'), { error: 'expected a list of protocols' })
    .default([]),
  ring: textPatternSchema
    .optional()
    .meta({ description: "what a virtio driver's rings are like: 'packed, indirect'" }),
}).transform(({ handle, present, driver, protocols, ring }): ExpectationData => ({
  kind: 'handle',
  handle: handle.text,
  present,
  driver,
  protocols,
  ring,
}));

const attemptSchema = mapping('an attempt to boot', {
  attempt: textPatternSchema,
  status: z.enum(STATUSES),
  reason: textPatternSchema.optional(),
}).transform(({ attempt, status, reason }): ExpectationData => ({
  kind: 'attempt',
  attempt,
  status,
  reason,
}));

const variableSchema = mapping('a variable', {
  variable: text('the name of a variable'),
  vendor: vendorSchema,
  present: yesOrNo.default(true).meta({ description: 'whether there is to be such a variable' }),
  value: textPatternSchema.optional(),
  data: bytesSchema.optional(),
}).transform(({ variable, vendor, present, value, data }): ExpectationData => ({
  kind: 'variable',
  variable,
  vendor,
  present,
  value,
  data: data && hexOf(data),
}));

const consoleSchema = mapping('console output', { console: textPatternSchema }).transform(
  ({ console: pattern }): ExpectationData => ({ kind: 'console', pattern }),
);

const debugSchema = mapping('a debug message', { debug: textPatternSchema }).transform(
  ({ debug: pattern }): ExpectationData => ({ kind: 'debug', pattern }),
);

const DEPTH_EXPECTED = 'a depth such as 2, or { atLeast: 2, atMost: 3 }';
const depth = z.int({ error: `expected ${DEPTH_EXPECTED}` }).min(0);

const interruptDepthSchema = mapping('the depth of interrupts', {
  interruptDepth: z
    .union(
      [depth, mapping(DEPTH_EXPECTED, { atLeast: depth.optional(), atMost: depth.optional() })],
      { error: `expected ${DEPTH_EXPECTED}` },
    )
    .meta({ description: 'how deep timer interrupts nested; 1 if none came within another' }),
}).transform(({ interruptDepth: given }): ExpectationData => {
  const { atLeast = 0, atMost = Infinity } =
    typeof given === 'number' ? { atLeast: given, atMost: given } : given;
  return { kind: 'interruptDepth', atLeast, atMost };
});

const FINDINGS_EXPECTED = "'none', or a list of rules such as ['virtio-1.4 2.7.5']";

const findingsSchema = mapping('findings', {
  findings: z.union([z.literal('none'), z.array(text('a rule')).min(1)], {
    error: `expected ${FINDINGS_EXPECTED}`,
  }),
}).transform(({ findings }): ExpectationData => ({
  kind: 'findings',
  rules: findings === 'none' ? [] : findings,
}));

/** Something that must be true in the end: known by its first key. */
export const expectationSchema: z.ZodType<ExpectationData, ExpectationInput> = oneOf(
  'an expectation',
  ['outcome', 'handle', 'attempt', 'variable', 'console', 'debug', 'interruptDepth', 'findings'],
  [
    outcomeSchema,
    handleSchema,
    attemptSchema,
    variableSchema,
    consoleSchema,
    debugSchema,
    interruptDepthSchema,
    findingsSchema,
  ],
);
