import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { comparisonText } from './render/comparison-text.ts';
import { reportText } from './render/report-text.ts';
import type { Style } from './render/style.ts';
import { createStyle } from './render/style.ts';
import type { Account } from './run/messages.ts';
import type { LabFailure } from './run/run-in-worker.ts';

/** Exit statuses: what was run did not succeed, and a command that could not even run it. */
const FAILED = 1;
export const UNUSABLE = 2;
/** What shells use for a command that Ctrl-C ended. */
const INTERRUPTED = 130;

/** Two columns have room on it; a pipe is so wide, too. */
const USUAL_WIDTH = 140;

/** Prints what came of a command, or why nothing did, and returns the exit status that it means. */
export function show(result: Account | LabFailure, json: boolean): number {
  if (result.kind === 'report' || result.kind === 'comparison') {
    print(json ? reportJson(result) : textOf(result));
    return result.succeeded ? 0 : FAILED;
  }
  if (json) print(`${JSON.stringify({ succeeded: false, error: result.message })}\n`);
  else process.stderr.write(`${styleOf(process.stderr).bad('error')}: ${result.message}\n`);
  if (result.kind === 'problem') return UNUSABLE;
  return result.signal ? INTERRUPTED : FAILED;
}

function reportJson(result: Account): string {
  const { succeeded } = result;
  const report = result.kind === 'report' ? result.report : result.comparison;
  return `${JSON.stringify({ succeeded, ...report }, undefined, 2)}\n`;
}

function textOf(result: Account): string {
  const { succeeded } = result;
  const style = styleOf(process.stdout);
  if (result.kind === 'report') return reportText(result.report, succeeded, style);
  const { booted, comparison } = result;
  const width = process.stdout.columns ?? USUAL_WIDTH;
  return comparisonText(comparison, { booted, succeeded, width, style });
}

/** All of it, also into a pipe that is closed early: what nobody reads is no error. */
export function print(text: string): void {
  try {
    for (let rest = Buffer.from(text); rest.length > 0;) rest = rest.subarray(writeSome(rest));
  } catch (caught) {
    if (!(caught instanceof Error && 'code' in caught && caught.code === 'EPIPE')) throw caught;
  }
}

function writeSome(bytes: Uint8Array): number {
  try {
    return writeSync(process.stdout.fd, bytes);
  } catch (caught) {
    // a pipe that is full takes more a moment later
    if (caught instanceof Error && 'code' in caught && caught.code === 'EAGAIN') return 0;
    throw caught;
  }
}

/**
 * Colours on a terminal, unless the user wants none (https://no-color.org). FORCE_COLOR has the last word, as in
 * Node itself.
 */
export function styleOf(stream: { readonly fd: number }): Style {
  const { NO_COLOR = '', FORCE_COLOR, TERM } = process.env;
  if (FORCE_COLOR !== undefined) return createStyle(!['0', 'false'].includes(FORCE_COLOR));
  return createStyle(isatty(stream.fd) && NO_COLOR === '' && TERM !== 'dumb');
}
