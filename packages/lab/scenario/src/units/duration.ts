/** A span of virtual time with its unit, such as `10 s` or `250 us`. */
export type Duration = string;

/** What a duration looks like, for a pattern of a JSON Schema. */
export const DURATION_PATTERN: RegExp = /^\d+(?:\.\d+)? ?(?:ns|us|ms|s|min)$/u;

/** How messages describe a duration. */
export const DURATION_EXPECTED = "a duration such as '10 s' (ns, us, ms, s, min)";

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, min: 60e9 };

/** The nanoseconds of a duration; `undefined` if it is none. */
export function parseDuration(text: Duration): number | undefined {
  if (!DURATION_PATTERN.test(text)) return undefined;
  const unit = text.replace(/^[\d.]+ ?/u, '');
  const nanoseconds = Math.round(Number.parseFloat(text) * (UNITS[unit] ?? Number.NaN));
  return Number.isSafeInteger(nanoseconds) ? nanoseconds : undefined;
}
