import type { Decoder } from './decode.fixture.ts';
import {
  capacity10,
  capacity16,
  inquiry,
  modeParameters,
  nothing,
  raw,
  reportLuns,
  vpd,
} from './decode.fixture.ts';
import type { Command } from './initiator.fixture.ts';
import { DISC_AT, DISK_AT, EMPTY_AT, READ_ONLY_AT } from './scsi-machines.fixture.ts';

/** A command, and how its answer is read. */
export interface Reading {
  readonly name: string;
  readonly command: Omit<Command, 'target' | 'lun'>;
  readonly decoder: Decoder;
}

const ROOM = 255;

function page(code: number): Reading {
  return {
    name: `VPD page ${code.toString(16).padStart(2, '0')}`,
    command: { cdb: [0x12, 1, code, 0, ROOM, 0], room: ROOM },
    decoder: vpd,
  };
}

function modeSense(name: string, pageCode: number): Reading {
  return {
    name: `MODE SENSE (6), ${name}`,
    command: { cdb: [0x1a, 0, pageCode, 0, ROOM, 0], room: ROOM },
    decoder: modeParameters(4),
  };
}

function simple(name: string, ...cdb: readonly number[]): Reading {
  return { name, command: { cdb }, decoder: nothing };
}

const BLOCK = new Uint8Array(512).fill(0x5a);

/** What is asked of a disk, in this order. */
const ALL: readonly Reading[] = [
  simple('TEST UNIT READY after power-on', 0, 0, 0, 0, 0, 0),
  simple('TEST UNIT READY', 0, 0, 0, 0, 0, 0),
  { name: 'REQUEST SENSE', command: { cdb: [3, 0, 0, 0, 18, 0], room: 18 }, decoder: raw(18) },
  { name: 'INQUIRY', command: { cdb: [0x12, 0, 0, 0, 36, 0], room: 36 }, decoder: inquiry },
  {
    name: 'INQUIRY of a page without EVPD',
    command: { cdb: [0x12, 0, 5, 0, 36, 0], room: 36 },
    decoder: inquiry,
  },
  page(0x00),
  page(0x80),
  page(0x83),
  page(0xb0),
  page(0xb1),
  page(0xb2),
  page(0xff),
  {
    name: 'READ CAPACITY (10)',
    command: { cdb: [0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0], room: 8 },
    decoder: capacity10,
  },
  {
    name: 'READ CAPACITY (16)',
    command: { cdb: [0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0], room: 32 },
    decoder: capacity16,
  },
  modeSense('current values', 0x3f),
  modeSense('changeable values', 0x7f),
  modeSense('default values', 0xbf),
  modeSense('saved values', 0xff),
  modeSense('caching page', 0x08),
  modeSense('a page that there is not', 0x33),
  {
    name: 'MODE SENSE (10), current values',
    command: { cdb: [0x5a, 0, 0x3f, 0, 0, 0, 0, 0, ROOM, 0], room: ROOM },
    decoder: modeParameters(8),
  },
  {
    name: 'REPORT LUNS',
    command: { cdb: [0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0], room: 64 },
    decoder: reportLuns,
  },
  simple('an operation code that there is not', 0xef, 0, 0, 0, 0, 0),
  simple('VERIFY (10)', 0x2f, 0, 0, 0, 0, 1, 0, 0, 1, 0),
  simple('SYNCHRONIZE CACHE (10)', 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0),
  {
    name: 'READ TOC',
    command: { cdb: [0x43, 0, 0, 0, 0, 0, 0, 0, 64, 0], room: 64 },
    decoder: raw(20),
  },
  {
    name: 'GET CONFIGURATION',
    command: { cdb: [0x46, 2, 0, 0, 0x10, 0, 0, 0, 16, 0], room: 16 },
    decoder: raw(16),
  },
  {
    name: 'GET EVENT STATUS NOTIFICATION',
    command: { cdb: [0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8, 0], room: 8 },
    decoder: raw(8),
  },
  {
    name: 'READ DISC INFORMATION',
    command: { cdb: [0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0], room: 34 },
    decoder: raw(34),
  },
  simple('PREVENT MEDIUM REMOVAL', 0x1e, 0, 0, 0, 1, 0),
  simple('ALLOW MEDIUM REMOVAL', 0x1e, 0, 0, 0, 0, 0),
  simple('START STOP UNIT, stop', 0x1b, 0, 0, 0, 0, 0),
  simple('TEST UNIT READY when stopped', 0, 0, 0, 0, 0, 0),
  simple('START STOP UNIT, start', 0x1b, 0, 0, 0, 1, 0),
];

const DISK_ONLY: readonly Reading[] = [
  {
    name: 'READ (10)',
    command: { cdb: [0x28, 0, 0, 0, 0, 1, 0, 0, 1, 0], room: 512 },
    decoder: raw(512),
  },
  {
    name: 'READ (10) beyond the end',
    command: { cdb: [0x28, 0, 0, 0x10, 0, 0, 0, 0, 1, 0], room: 512 },
    decoder: raw(512),
  },
  {
    name: 'READ (10) into too little room',
    command: { cdb: [0x28, 0, 0, 0, 0, 1, 0, 0, 2, 0], room: 512 },
    decoder: nothing,
  },
  {
    name: 'WRITE (10)',
    command: { cdb: [0x2a, 0, 0, 0, 0, 1, 0, 0, 1, 0], out: BLOCK },
    decoder: nothing,
  },
  {
    name: 'WRITE (10) beyond the end',
    command: { cdb: [0x2a, 0, 0, 0x10, 0, 0, 0, 0, 1, 0], out: BLOCK },
    decoder: nothing,
  },
  {
    name: 'WRITE (10) of too little',
    command: { cdb: [0x2a, 0, 0, 0, 0, 1, 0, 0, 2, 0], out: BLOCK },
    decoder: nothing,
  },
  {
    name: 'READ (10) of what was written',
    command: { cdb: [0x28, 0, 0, 0, 0, 1, 0, 0, 1, 0], room: 512 },
    decoder: raw(512),
  },
];

const DISC_ONLY: readonly Reading[] = [
  {
    name: 'READ (10)',
    command: { cdb: [0x28, 0, 0, 0, 0, 1, 0, 0, 1, 0], room: 2048 },
    decoder: raw(2048),
  },
  {
    name: 'READ (12)',
    command: { cdb: [0xa8, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0], room: 2048 },
    decoder: raw(2048),
  },
  {
    name: 'READ (10) beyond the end',
    command: { cdb: [0x28, 0, 0, 0x10, 0, 0, 0, 0, 1, 0], room: 2048 },
    decoder: raw(2048),
  },
];

/** Places without a unit. */
const NO_UNIT_AT = { target: 0, lun: 7 } as const;
const NO_TARGET_AT = { target: 9, lun: 0 } as const;

export interface Place {
  readonly target: number;
  readonly lun: number;
}

/** Every unit, and what is asked of it. */
export const UNITS: readonly (readonly [string, Place, readonly Reading[]])[] = [
  ['a disk', DISK_AT, [...ALL, ...DISK_ONLY]],
  ['a disk that cannot be written', READ_ONLY_AT, [...ALL, ...DISK_ONLY]],
  ['a drive with a disc', DISC_AT, [...ALL, ...DISC_ONLY]],
  ['an empty drive', EMPTY_AT, [...ALL, ...DISC_ONLY]],
  ['a logical unit that is not there', NO_UNIT_AT, ALL],
  ['a target that is not there', NO_TARGET_AT, ALL],
];
