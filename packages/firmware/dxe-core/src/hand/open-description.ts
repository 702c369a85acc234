import type { HandTrace } from './hand-trace.ts';
import type { OpenRecord } from './open-list.ts';

const ATTRIBUTES: readonly (readonly [bit: number, name: string])[] = [
  [0x01, 'BY_HANDLE_PROTOCOL'],
  [0x02, 'GET_PROTOCOL'],
  [0x04, 'TEST_PROTOCOL'],
  [0x08, 'BY_CHILD_CONTROLLER'],
  [0x10, 'BY_DRIVER'],
  [0x20, 'EXCLUSIVE'],
];

/** Attributes of OpenProtocol in words: `BY_DRIVER|EXCLUSIVE`. */
export function openAttributes(attributes: number): string {
  const names = ATTRIBUTES.filter(([bit]) => (attributes & bit) !== 0).map(([, name]) => name);
  const known = ATTRIBUTES.reduce((bits, [bit]) => bits | bit, 0);
  if (names.length === 0 || (attributes & ~known) !== 0) names.push(`0x${attributes.toString(16)}`);
  return names.join('|');
}

/** An open record in words, for the message of an error. */
export function describeOpen(open: OpenRecord, trace: HandTrace): string {
  const forWhom =
    open.controllerHandle === undefined ? '' : ` for handle ${open.controllerHandle.number}`;
  return `${openAttributes(open.attributes)} by ${trace.nameOf(open.agentHandle)}${forWhom}`;
}
