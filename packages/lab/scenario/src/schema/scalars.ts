import { formatPciSlot, parsePciSlot } from '@dxelab/pci-devices';
import { MachineSetupError } from '@dxelab/emulated-machine';
import * as z from 'zod';
import { readDevicePathText } from '../units/device-path-text.ts';
import type { DevicePathReading } from '../units/device-path-text.ts';
import { DURATION_EXPECTED, DURATION_PATTERN, parseDuration } from '../units/duration.ts';
import type { Duration } from '../units/duration.ts';
import { parseSize, SIZE_EXPECTED, SIZE_PATTERN } from '../units/size.ts';
import type { Size } from '../units/size.ts';
import { parseTextPattern } from '../units/text-pattern.ts';
import type { TextPattern } from '../units/text-pattern.ts';
import { live } from './live.ts';

/** A text that is not empty. @param expected how messages describe it */
export function text(expected: string): z.ZodType<string, string> {
  const error = `expected ${expected}`;
  return z.string({ error }).min(1, { error });
}

/** Bytes, from a number or a text with a unit. */
export const sizeSchema: z.ZodType<number, Size> = z
  .union(
    [
      z.int().min(0, { error: `expected ${SIZE_EXPECTED}` }),
      z.string().regex(SIZE_PATTERN, { error: `expected ${SIZE_EXPECTED}` }),
    ],
    { error: `expected ${SIZE_EXPECTED}` },
  )
  .transform((size, context) => parsed(parseSize(size), SIZE_EXPECTED, context))
  .meta({ description: 'bytes, or a number with its unit: B, KiB, MiB, GiB, TiB' });

/** Nanoseconds, from a text with a unit. */
export const durationSchema: z.ZodType<number, Duration> = z
  .string({ error: `expected ${DURATION_EXPECTED}` })
  .regex(DURATION_PATTERN, { error: `expected ${DURATION_EXPECTED}` })
  .transform((duration, context) => parsed(parseDuration(duration), DURATION_EXPECTED, context))
  .meta({ description: 'a number with its unit: ns, us, ms, s, min' });

const SLOT_EXPECTED = "a slot such as '02.0' or '1f.7': device.function in hexadecimal";

/** A slot, as `formatPciSlot` writes it. */
export const slotSchema: z.ZodType<string, string> = z
  .string({ error: `expected ${SLOT_EXPECTED}` })
  .transform((slot, context) => parsed(canonicalSlot(slot), SLOT_EXPECTED, context));

/** The device path of a controller or a boot option. */
export const devicePathSchema: z.ZodType<
  Exclude<DevicePathReading, { problem: string }>,
  string
> = text("a device path such as 'PciRoot(0x0)/Pci(0x2,0x0)'").transform((devicePath, context) => {
  const reading = readDevicePathText(devicePath);
  if ('path' in reading) return reading;
  context.addIssue({ code: 'custom', message: reading.problem });
  return z.NEVER;
});

/** Words that a text must contain, or a regular expression between slashes. */
export const textPatternSchema: z.ZodType<TextPattern, string | RegExp> = z
  .union([text('a text, or /a regular expression/'), live(isRegExp)], {
    error: 'expected a text, or /a regular expression/',
  })
  .transform((pattern, context) => {
    try {
      return parseTextPattern(pattern);
    } catch (caught) {
      // Only RegExp's constructor can fail here, and it says what is wrong.
      context.addIssue({ code: 'custom', message: String(caught) });
      return z.NEVER;
    }
  })
  .meta({ description: 'a text that is contained, or /a regular expression/' });

/** A whole number. @param expected how messages describe it, with its range */
export function wholeNumber(
  least: number,
  most: number,
  expected = `a whole number from ${least} to ${most}`,
): z.ZodType<number, number> {
  const error = `expected ${expected}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

const LARGEST_QUEUE = 32768;

/** Descriptors of a virtqueue: 0 for none. */
export const queueSizeSchema: z.ZodType<number, number> = wholeNumber(0, LARGEST_QUEUE).refine(
  (size) => (size & (size - 1)) === 0,
  { error: 'expected a power of two, or 0' },
);

/** `true` or `false`. */
export const yesOrNo: z.ZodType<boolean, boolean> = z.boolean({ error: 'expected true or false' });

function isRegExp(value: unknown): value is RegExp {
  return value instanceof RegExp;
}

function canonicalSlot(slot: string): string | undefined {
  try {
    return formatPciSlot(parsePciSlot(slot));
  } catch (caught) {
    if (caught instanceof MachineSetupError) return undefined;
    throw caught;
  }
}

/** What was read, or the issue that it could not be. */
function parsed<Value>(
  value: Value | undefined,
  expected: string,
  context: z.core.$RefinementCtx,
): Value {
  if (value !== undefined) return value;
  context.addIssue({ code: 'custom', message: `expected ${expected}` });
  return z.NEVER;
}
