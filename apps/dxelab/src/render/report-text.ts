import type { BootReport } from '@dxelab/scenario';
import { deviceTreeText } from './device-tree-text.ts';
import { driverNamesText } from './driver-names-text.ts';
import { phasesText, timeText } from './phases-text.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';

const DEBUG_ERROR = 0x80000000;
const DEBUG_WARN = 0x00000002;
/** More of the same say nothing more; the JSON report has them all. */
const MOST_LINES = 20;

/** The account of a boot: short, and to be read by people. */
export function reportText(report: BootReport, succeeded: boolean, style: Style): string {
  const sections = [
    titleText(report, style),
    section('Phases', phasesText(report.phases, report.clock, style), style),
    section('Devices', deviceTreeText(report.handles, style), style),
    section('Drivers', driverNamesText(report.handles, style), style),
    section('Drivers that did not start', troublesText(report, succeeded, style), style),
    section('Boot options', attemptsText(report, style), style),
    section('Console', consoleText(report), style),
    section('Errors', errorsText(report, succeeded, style), style),
    section('Broken rules', findingsText(report, style), style),
    section('Expectations', expectationsText(report, style), style),
    outcomeText(report, succeeded, style),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function section(title: string, lines: readonly string[], style: Style): readonly string[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(0, Math.max(MOST_LINES, title === 'Devices' ? Infinity : 0));
  const more = lines.length - shown.length;
  return [
    style.heading(title),
    ...shown,
    ...(more > 0 ? [style.faint(`  … and ${more} more`)] : []),
  ];
}

function titleText(report: BootReport, style: Style): readonly string[] {
  const { scenario, machine, profile, clock, virtualTime, accesses, interrupts } = report;
  const nested = interrupts.deepest > 1 ? `, interrupts nested ${interrupts.deepest} deep` : '';
  const spent = `${timeText(virtualTime)} of ${clock} time, ${accesses} accesses${nested}`;
  return [
    style.heading(scenario.name ?? scenario.file),
    `  ${style.faint(`${machine}; profile ${profile}; ${spent}`)}`,
  ];
}

/**
 * A driver that this machine has nothing for, or that looks at a controller and finds nothing, is usual:
 * of interest only when something went wrong.
 */
function troublesText(
  { troubles }: BootReport,
  succeeded: boolean,
  style: Style,
): readonly string[] {
  const usual = /^EFI_(?:NOT_FOUND|UNSUPPORTED|NO_MEDIA)\b/;
  return troubles
    .filter(({ kind, reason }) => {
      const isUsual = kind === 'not-needed' || (kind === 'start-failed' && usual.test(reason));
      return !succeeded || !isUsual;
    })
    .map(({ driver, kind, controller, reason }) => {
      const where = controller === undefined ? '' : style.faint(` on ${controller}`);
      const what = kind === 'not-needed' ? 'not needed: ' : '';
      return `  ${style.warning(driver)}${where}: ${what}${reason}`;
    });
}

function attemptsText({ attempts }: BootReport, style: Style): readonly string[] {
  return attempts.map(({ description, devicePath, status, reason }) =>
    status === 'EFI_SUCCESS'
      ? `  ${style.good('returned')} ${description} ${style.faint(devicePath)}`
      : `  ${style.warning('failed')} ${description} ${style.faint(devicePath)}: ${reason}`,
  );
}

function consoleText({ console: text }: BootReport): readonly string[] {
  return text.split(/\r?\n/).flatMap((line) => (line === '' ? [] : `  ${printable(line)}`));
}

/** What modules complained of and the console does not show; warnings matter when a boot went wrong. */
function errorsText(
  { debug, console: shown }: BootReport,
  succeeded: boolean,
  style: Style,
): readonly string[] {
  const told = debug
    .filter(({ level }) => level === DEBUG_ERROR || (level === DEBUG_WARN && !succeeded))
    .filter(({ message }) => !shown.includes(message))
    .map(({ module, message }) => `  ${style.warning(module)} ${message}`);
  // a driver that is asked again says it again
  return [...new Set(told)];
}

function findingsText({ findings }: BootReport, style: Style): readonly string[] {
  return findings.map(
    ({ rule, device, message, count }) =>
      `  ${style.warning(rule)} ${device}: ${message}${count > 1 ? style.faint(` (${count} times)`) : ''}`,
  );
}

function expectationsText({ expectations }: BootReport, style: Style): readonly string[] {
  return expectations.flatMap(({ text, held, actual }) => {
    if (held) return `  ${style.good('held')}   ${text}`;
    return [`  ${style.bad('failed')} ${text}`, `         ${style.faint('there was')} ${actual}`];
  });
}

function outcomeText({ outcome }: BootReport, succeeded: boolean, style: Style): readonly string[] {
  const word = succeeded ? style.good(outcome.kind) : style.bad(outcome.kind);
  const details = Object.entries(outcome.details)
    .filter(([, value]) => value !== '')
    .flatMap(([key, value]) => indented(key, String(value), style));
  return [`${style.heading('Outcome')} ${word}: ${outcome.message}`, ...details];
}

/** A value of several lines, such as the report of a spent budget, stands below its key. */
function indented(key: string, value: string, style: Style): readonly string[] {
  const lines = value.split('\n');
  if (lines.length === 1) return [`  ${style.faint(key)} ${value}`];
  return [`  ${style.faint(key)}`, ...lines.map((line) => `    ${line}`)];
}
