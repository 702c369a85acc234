import * as z from 'zod';
import { MOMENT_EXPECTED, MOMENT_PATTERN, parseMoment } from '../units/moment.ts';

const HOST = 'host';
const EXPECTED = `expected ${MOMENT_EXPECTED}, or 'host'`;

/** Seconds since 1970, or that the host is to be asked. */
export const timeSchema: z.ZodType<number | 'host', string> = z
  .union([z.literal(HOST), z.string().regex(MOMENT_PATTERN, { error: EXPECTED })], {
    error: EXPECTED,
  })
  .transform((text, context) => {
    const time = text === HOST ? HOST : parseMoment(text);
    if (time !== undefined) return time;
    context.addIssue({ code: 'custom', message: EXPECTED });
    return z.NEVER;
  });
