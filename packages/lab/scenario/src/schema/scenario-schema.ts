import * as z from 'zod';
import type { ScenarioData } from '../scenario.ts';
import type { ScenarioInput } from '../scenario-input.ts';
import { differenceSchema } from './difference-schema.ts';
import { expectationSchema } from './expectation-schema.ts';
import { firmwareSchema } from './firmware-schema.ts';
import { machineSchema } from './machine-schema.ts';
import { mapping } from './mapping.ts';
import { text } from './scalars.ts';
import { stepSchema } from './step-schema.ts';

/** A scenario, from what is written to what is run. */
export const scenarioSchema: z.ZodType<ScenarioData, ScenarioInput> = mapping(
  'a scenario: { machine, firmware, expect }',
  {
    name: text('a name').optional().meta({ description: 'shown in reports' }),
    machine: machineSchema.prefault({}),
    firmware: firmwareSchema.prefault({}),
    steps: z
      .array(stepSchema, { error: 'expected a list of steps' })
      .min(1, { error: 'expected at least one step' })
      .default([{ kind: 'boot' }])
      .meta({ description: 'what is done, in this order' }),
    expect: z
      .array(expectationSchema, { error: 'expected a list of expectations' })
      .default([])
      .meta({ description: 'what must be true in the end' }),
    differences: z
      .array(differenceSchema, { error: 'expected a list of differences' })
      .default([])
      .meta({ description: 'in what machines may differ, for dxelab compare' }),
  },
);
