import type { ScsiSense } from './sense.ts';

/** By sense key (SPC-6, sense key and additional sense code definitions). */
const KEYS: readonly string[] = [
  'NO SENSE',
  'RECOVERED ERROR',
  'NOT READY',
  'MEDIUM ERROR',
  'HARDWARE ERROR',
  'ILLEGAL REQUEST',
  'UNIT ATTENTION',
  'DATA PROTECT',
  'BLANK CHECK',
  'VENDOR SPECIFIC',
  'COPY ABORTED',
  'ABORTED COMMAND',
  'RESERVED',
  'VOLUME OVERFLOW',
  'MISCOMPARE',
  'COMPLETED',
];

/** The additional sense codes that one meets here (SPC-6 annex F). */
const CODES: Readonly<Record<number, string>> = {
  0x0000: 'NO ADDITIONAL SENSE INFORMATION',
  0x0006: 'I/O PROCESS TERMINATED',
  0x0401: 'LOGICAL UNIT IS IN PROCESS OF BECOMING READY',
  0x0402: 'LOGICAL UNIT NOT READY, INITIALIZING COMMAND REQUIRED',
  0x0c00: 'WRITE ERROR',
  0x0e03: 'INVALID FIELD IN COMMAND INFORMATION UNIT',
  0x1100: 'UNRECOVERED READ ERROR',
  0x1a00: 'PARAMETER LIST LENGTH ERROR',
  0x1d00: 'MISCOMPARE DURING VERIFY OPERATION',
  0x2000: 'INVALID COMMAND OPERATION CODE',
  0x2100: 'LOGICAL BLOCK ADDRESS OUT OF RANGE',
  0x2400: 'INVALID FIELD IN CDB',
  0x2500: 'LOGICAL UNIT NOT SUPPORTED',
  0x2600: 'INVALID FIELD IN PARAMETER LIST',
  0x2700: 'WRITE PROTECTED',
  0x2702: 'LOGICAL UNIT SOFTWARE WRITE PROTECTED',
  0x2800: 'NOT READY TO READY CHANGE, MEDIUM MAY HAVE CHANGED',
  0x2900: 'POWER ON, RESET, OR BUS DEVICE RESET OCCURRED',
  0x2a01: 'MODE PARAMETERS CHANGED',
  0x2a09: 'CAPACITY DATA HAS CHANGED',
  0x3000: 'INCOMPATIBLE MEDIUM INSTALLED',
  0x3900: 'SAVING PARAMETERS NOT SUPPORTED',
  0x3a00: 'MEDIUM NOT PRESENT',
  0x3a01: 'MEDIUM NOT PRESENT - TRAY CLOSED',
  0x3a02: 'MEDIUM NOT PRESENT - TRAY OPEN',
  0x3f0e: 'REPORTED LUNS DATA HAS CHANGED',
  0x4400: 'INTERNAL TARGET FAILURE',
  0x5302: 'MEDIUM REMOVAL PREVENTED',
  0x6400: 'ILLEGAL MODE FOR THIS TRACK',
};

/** Sense data in the standard's words, with their numbers: `UNIT ATTENTION, MODE PARAMETERS CHANGED (6/2A/01)`. */
export function scsiSenseText(sense: ScsiSense): string {
  const { key, code, deferred, information } = sense;
  const hex = code.toString(16).toUpperCase().padStart(4, '0');
  const numbers = `${key.toString(16).toUpperCase()}/${hex.slice(0, 2)}/${hex.slice(2)}`;
  const words = [KEYS[key], CODES[code]].filter((word) => word !== undefined).join(', ');
  const block = information === undefined ? '' : `, information ${information}`;
  return `${words} (${numbers})${block}${deferred ? ', deferred' : ''}`;
}
