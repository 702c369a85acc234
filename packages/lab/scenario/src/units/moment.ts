/** A date and a time of day in UTC, such as `2026-11-21T12:00:00Z`. */
export type Moment = string;

/** What a moment looks like, for a pattern of a JSON Schema. */
export const MOMENT_PATTERN: RegExp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/u;

/** How messages describe a moment. */
export const MOMENT_EXPECTED = "a time in UTC such as '2026-11-21T12:00:00Z', from 1900 on";

const FIRST = Date.UTC(1900, 0, 1) / 1000;

/** The seconds since 1970 of a moment; `undefined` if it is none. */
export function parseMoment(text: Moment): number | undefined {
  if (!MOMENT_PATTERN.test(text)) return undefined;
  const date = new Date(text);
  const seconds = date.getTime() / 1000;
  // JavaScript takes the 30th of February, and midnight as 24:00
  const isOne = Number.isFinite(seconds) && date.toISOString().startsWith(text.slice(0, 19));
  return isOne && seconds >= FIRST ? seconds : undefined;
}
