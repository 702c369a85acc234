import type { InterruptOptions } from '@dxelab/dxe-core';
import * as z from 'zod';
import type { InterruptsInput } from '../interrupts-input.ts';
import { TIMER_HANDLERS } from '../interrupts-input.ts';
import { mapping } from './mapping.ts';
import { durationSchema, wholeNumber } from './scalars.ts';

/** In nanoseconds: a timer that interrupts more often leaves no time for anything else. */
const SHORTEST_PERIOD = 1000;
const LARGEST_BURST = 100_000;
const DEEPEST = 100;

/** How the timer interrupts, and how deep its interrupts may nest. */
export const interruptsSchema: z.ZodType<InterruptOptions, InterruptsInput> = mapping(
  'how the timer interrupts, such as { period: 1 ms, depth: 3 }',
  {
    period: durationSchema
      .refine((period) => period >= SHORTEST_PERIOD, { error: 'expected at least 1 us' })
      .optional()
      .meta({ description: 'how often the timer interrupts, whether a timer is due or not' }),
    burst: wholeNumber(1, LARGEST_BURST)
      .optional()
      .meta({ description: 'how many interrupts come at once, each so many periods; default 1' }),
    handler: z
      .enum(TIMER_HANDLERS, {
        error: `expected ${TIMER_HANDLERS.map((word) => `'${word}'`).join(' or ')}`,
      })
      .optional()
      .meta({
        description:
          "what ends the handler: as OVMF's timer does (the default), or RestoreTPL, which lets interrupts nest without end",
      }),
    depth: wholeNumber(0, DEEPEST)
      .optional()
      .meta({ description: 'how deep interrupts may nest before that is a finding' }),
  },
);
