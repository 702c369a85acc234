import * as z from 'zod';
import type { MachineData } from '../scenario.ts';
import type { MachineInput } from '../scenario-input.ts';
import { mapping } from './mapping.ts';
import { durationSchema } from './scalars.ts';

const EXPECTED = 'expected a text, or a list of { text, at }';

const typed = mapping('a text that is typed: { text, at }', {
  text: z.string({ error: 'expected a text' }),
  at: durationSchema.prefault('0 s').meta({ description: 'from power-on' }),
});

/** What is typed at the serial console. */
export const inputSchema: z.ZodType<MachineData['input'], NonNullable<MachineInput['input']>> = z
  .union([z.string().transform((text) => [{ text, at: 0 }]), z.array(typed)], { error: EXPECTED })
  .meta({ description: 'what is typed at the serial console: at once, or each text at its time' });
