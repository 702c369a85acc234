import * as z from 'zod';
import type { StepData } from '../scenario.ts';
import type { StepInput } from '../scenario-input.ts';
import { mapping } from './mapping.ts';
import { devicePathSchema } from './scalars.ts';

const EXPECTED = "a step: 'boot', { connect: DEVICE-PATH } or { disconnect: DEVICE-PATH }";

const controllerSchema = z
  .union(
    [z.literal('all').transform(() => undefined), devicePathSchema.transform(({ text }) => text)],
    { error: "expected a device path, or 'all'" },
  )
  .meta({ description: "a device path, or 'all'" });

export const stepSchema: z.ZodType<StepData, StepInput> = z.union(
  [
    z.literal('boot').transform((): StepData => ({ kind: 'boot' })),
    mapping(EXPECTED, { connect: controllerSchema }).transform(({ connect }): StepData => ({
      kind: 'connect',
      controller: connect,
    })),
    mapping(EXPECTED, { disconnect: controllerSchema }).transform(({ disconnect }): StepData => ({
      kind: 'disconnect',
      controller: disconnect,
    })),
  ],
  { error: `expected ${EXPECTED}` },
);
