import { EFI_GLOBAL_VARIABLE } from '@dxelab/uefi';
import type { ExpectationData } from '../scenario.ts';
import type { TextPattern } from '../units/text-pattern.ts';
import type { BootReport, ExpectationResult } from './boot-report.ts';

/** What a report says before it is judged. */
type Facts = Omit<BootReport, 'expectations'>;

/** Whether an expectation holds, and what came in its place. */
export function judge(expectation: ExpectationData, facts: Facts): ExpectationResult {
  switch (expectation.kind) {
    case 'outcome':
      return judgeOutcome(expectation, facts);
    case 'handle':
      return judgeHandle(expectation, facts);
    case 'attempt':
      return judgeAttempt(expectation, facts);
    case 'variable':
      return judgeVariable(expectation, facts);
    case 'console':
      return judgeConsole(expectation.pattern, facts);
    case 'debug':
      return judgeDebug(expectation.pattern, facts);
    case 'interruptDepth':
      return judgeInterruptDepth(expectation, facts);
    case 'findings':
    default:
      return judgeFindings(expectation, facts);
  }
}

function judgeOutcome(
  { outcome: kind, image, message }: Extract<ExpectationData, { kind: 'outcome' }>,
  { outcome }: Facts,
): ExpectationResult {
  const came = outcomeImage(outcome.details);
  const held =
    outcome.kind === kind &&
    (image === undefined || sameFile(image, came)) &&
    (message === undefined || message.matches(outcome.message));
  const withImage = image === undefined ? '' : ` by ${image}`;
  const withMessage = message === undefined ? '' : `, saying ${message.text}`;
  const text = `the outcome is ${kind}${withImage}${withMessage}`;
  const by = came === '' ? '' : ` by ${came}`;
  return { text, held, actual: `${outcome.kind}${by}: ${outcome.message}` };
}

/** The path of the image that an outcome is about. */
function outcomeImage(details: BootReport['outcome']['details']): string {
  return String(details['fileName'] ?? details['image'] ?? '');
}

/** Names of files are the same whatever their case, with or without the leading backslash. */
function sameFile(left: string, right: string): boolean {
  return plainName(left) === plainName(right);
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/^\\/u, '');
}

function judgeHandle(
  wanted: Extract<ExpectationData, { kind: 'handle' }>,
  { handles }: Facts,
): ExpectationResult {
  const { handle: path, present, driver, protocols, ring } = wanted;
  const found = handles.find(({ devicePath }) => devicePath === path);
  const managed = driver === undefined ? '' : `, managed by ${driver}`;
  const having = protocols.length === 0 ? '' : `, with ${protocols.join(', ')}`;
  const ringed = ring === undefined ? '' : `, rings: ${ring.text}`;
  const text = `${present ? 'a' : 'no'} handle ${path}${managed}${having}${ringed}`;
  if (found === undefined) return { text, held: !present, actual: 'no such handle' };
  const missing = protocols.filter(
    (name) => !found.protocols.includes(name) && !found.guids.includes(name.toLowerCase()),
  );
  const isManaged = driver === undefined || found.drivers.includes(driver);
  const by = found.drivers.length === 0 ? 'nobody' : found.drivers.join(', ');
  const rings = found.virtio === undefined ? '' : `, rings: ${found.virtio.ring}`;
  const isRinged = ring === undefined || ring.matches(found.virtio?.ring ?? '');
  const actual = `handle ${found.number}, managed by ${by}, with ${found.protocols.join(', ')}${rings}`;
  return { text, held: present && isManaged && isRinged && missing.length === 0, actual };
}

function judgeAttempt(
  { attempt, status, reason }: Extract<ExpectationData, { kind: 'attempt' }>,
  { attempts }: Facts,
): ExpectationResult {
  const because = reason === undefined ? '' : `, because ${reason.text}`;
  const text = `the attempt to boot ${attempt.text} gives ${status}${because}`;
  const meant = attempts.filter(
    ({ description, devicePath }) => attempt.matches(description) || attempt.matches(devicePath),
  );
  const held = meant.some(
    (each) => each.status === status && (reason === undefined || reason.matches(each.reason)),
  );
  const came = meant.map((each) => `${each.status} ${each.reason}`.trimEnd());
  return { text, held, actual: came.length === 0 ? 'no such attempt' : came.join('; ') };
}

function judgeVariable(
  wanted: Extract<ExpectationData, { kind: 'variable' }>,
  { variables }: Facts,
): ExpectationResult {
  const { variable, vendor, present, value, data } = wanted;
  const having = [
    ...(value === undefined ? [] : [`the value ${value.text}`]),
    ...(data === undefined ? [] : [`the bytes ${data}`]),
  ].join(' and ');
  const whose = vendor === EFI_GLOBAL_VARIABLE ? '' : ` of ${vendor}`;
  const text = `${present ? 'a' : 'no'} variable ${variable}${whose}${having && ` with ${having}`}`;
  const found = variables.find((each) => each.name === variable && each.vendor === vendor);
  if (found === undefined) return { text, held: !present, actual: 'no such variable' };
  const isMeant =
    (value === undefined || value.matches(found.value ?? '')) &&
    (data === undefined || data === found.data);
  return { text, held: present === isMeant, actual: found.value ?? `the bytes ${found.data}` };
}

function judgeFindings(
  { rules }: Extract<ExpectationData, { kind: 'findings' }>,
  { findings }: Facts,
): ExpectationResult {
  const came = findings.map(({ rule, device, message }) => `${rule} (${device}: ${message})`);
  const actual = came.length === 0 ? 'none' : came.join('; ');
  if (rules.length === 0) {
    return { text: 'there are no findings', held: findings.length === 0, actual };
  }
  const held = rules.every((wanted) => findings.some(({ rule }) => rule === wanted));
  return { text: `findings of ${rules.join(', ')}`, held, actual };
}

function judgeConsole(pattern: TextPattern, { console }: Facts): ExpectationResult {
  const actual = console === '' ? 'nothing' : lastLine(console);
  return { text: `the console shows ${pattern.text}`, held: pattern.matches(console), actual };
}

function judgeDebug(pattern: TextPattern, { debug }: Facts): ExpectationResult {
  const held = debug.some(({ module, message }) => pattern.matches(`${module}: ${message}`));
  const actual = `${debug.length} messages`;
  return { text: `a debug message has ${pattern.text}`, held, actual };
}

function judgeInterruptDepth(
  { atLeast, atMost }: Extract<ExpectationData, { kind: 'interruptDepth' }>,
  { interrupts: { deepest, taken } }: Facts,
): ExpectationResult {
  return {
    text: `timer interrupts nest ${depthText(atLeast, atMost)} deep`,
    held: deepest >= atLeast && deepest <= atMost,
    actual: `${deepest} deep, of ${taken} interrupts`,
  };
}

function depthText(atLeast: number, atMost: number): string {
  if (atLeast === atMost) return String(atLeast);
  if (atMost === Infinity) return `at least ${atLeast}`;
  return atLeast === 0 ? `at most ${atMost}` : `${atLeast} to ${atMost}`;
}

function lastLine(text: string): string {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return `${JSON.stringify(line)} in its last line`;
}
