import { SCSI_START_STOP_UNIT, SCSI_TEST_UNIT_READY } from '@dxelab/scsi';
import { describe, expect, test } from 'vitest';
import type { ScsiLogicalUnit } from './scsi-logical-unit.ts';
import { ScsiTarget } from './target/scsi-target.ts';
import type { Answer, Buffers } from './test-task.fixture.ts';
import { CANARY, cdbOf, run } from './test-task.fixture.ts';

export const GOOD = 'status 0';
export const INVALID_OPCODE = '5/2000';
export const INVALID_FIELD = '5/2400';
export const OUT_OF_RANGE = '5/2100';

/** A command that asks for something, with what it sends. */
export interface Asked {
  readonly cdb: readonly number[];
  readonly out?: Uint8Array;
}

/** One command, and how it ends in each state of its unit. */
export interface CommandRow {
  /** Its name, and the standard that describes it under that name. */
  readonly command: string;
  readonly valid: Asked;
  /** How many bytes it delivers. */
  readonly delivers?: number;
  /** A field of the CDB that it does not have so. */
  readonly wrong: Asked;
  /** One block more than there is; undefined if it has no address. */
  readonly pastEnd?: Asked;
  readonly noMedium: string;
  readonly notReady: string;
  readonly writeProtected: string;
}

/** How commands end that need no medium. */
export const NEEDS_NOTHING = { noMedium: GOOD, notReady: GOOD, writeProtected: GOOD };
/** MEDIUM NOT PRESENT; LOGICAL UNIT NOT READY, INITIALIZING COMMAND REQUIRED. */
export const NEEDS_MEDIUM = { noMedium: '2/3a00', notReady: '2/0402', writeProtected: GOOD };
/** Besides, DATA PROTECT, WRITE PROTECTED. */
export const WRITES = { ...NEEDS_MEDIUM, writeProtected: '7/2700' };

/** Units in every state, each new. */
export interface Units {
  /** With a medium that is ready. */
  ready(): ScsiLogicalUnit;
  noMedium(): ScsiLogicalUnit;
  writeProtected(): ScsiLogicalUnit;
}

/** Does a command after the unit attention of power-on has been told. */
function after(unit: ScsiLogicalUnit, asked: Asked, buffers: Buffers = {}): Answer {
  const target = new ScsiTarget([[0, unit]]);
  const lun0 = { execute: target.execute.bind(target, 0) };
  run(lun0, cdbOf(SCSI_TEST_UNIT_READY, 6));
  return run(lun0, asked.cdb, { ...(asked.out ? { out: asked.out } : {}), ...buffers });
}

function stopped(unit: ScsiLogicalUnit): ScsiLogicalUnit {
  after(unit, { cdb: cdbOf(SCSI_START_STOP_UNIT, 6) });
  return unit;
}

/** Tests every command in every state: what the table says, and that nothing else is known. */
export function testEveryCommand(rows: readonly CommandRow[], units: Units): void {
  describe.each(rows)('$command', (row) => {
    const { valid, wrong, delivers = 0 } = row;
    const sends = valid.out?.length ?? 0;

    test('valid: it is done', () => {
      expect(after(units.ready(), valid, { room: delivers })).toMatchObject({
        outcome: GOOD,
        dataInMoved: delivers,
        dataInWanted: delivers,
        dataOutMoved: sends,
        dataOutWanted: sends,
      });
    });

    test('wrong field: ILLEGAL REQUEST, INVALID FIELD IN CDB', () => {
      expect(after(units.ready(), wrong)).toMatchObject({ outcome: INVALID_FIELD, dataInMoved: 0 });
    });

    test(`no medium: ${row.noMedium}`, () => {
      expect(after(units.noMedium(), valid).outcome).toBe(row.noMedium);
    });

    test(`not ready: ${row.notReady}`, () => {
      expect(after(stopped(units.ready()), valid).outcome).toBe(row.notReady);
    });

    test(`write-protected: ${row.writeProtected}`, () => {
      expect(after(units.writeProtected(), valid).outcome).toBe(row.writeProtected);
    });

    test('over-long buffer: what is left stays as it was', () => {
      const out = new Uint8Array(sends + 100);
      out.set(valid.out ?? []);
      const answer = after(units.ready(), valid, { room: delivers + 100, out });
      expect(answer).toMatchObject({ outcome: GOOD, dataInWanted: delivers, dataOutMoved: sends });
      const room = new Uint8Array(answer.data.buffer, delivers);
      expect(room.every((byte) => byte === CANARY)).toBe(true);
    });

    test('a CDB that is cut: ILLEGAL REQUEST, INVALID FIELD IN CDB', () => {
      const cut = { ...valid, cdb: valid.cdb.slice(0, -1) };
      expect(after(units.ready(), cut).outcome).toBe(INVALID_FIELD);
    });

    test('NACA: ILLEGAL REQUEST, INVALID FIELD IN CDB (SAM-6, CONTROL byte)', () => {
      const naca = { ...valid, cdb: [...valid.cdb.slice(0, -1), 0x04] };
      expect(after(units.ready(), naca).outcome).toBe(INVALID_FIELD);
    });
  });

  test.each(rows.filter(({ pastEnd }) => pastEnd !== undefined))(
    '$command, past the end: ILLEGAL REQUEST, LOGICAL BLOCK ADDRESS OUT OF RANGE',
    ({ valid, pastEnd = valid }) => {
      const answer = after(units.ready(), pastEnd);
      expect(answer).toMatchObject({ outcome: OUT_OF_RANGE, dataInMoved: 0 });
    },
  );

  test.each(rows.filter(({ delivers }) => delivers !== undefined))(
    '$command, short buffer: it fills what there is, and says what it wanted',
    ({ valid, delivers = 0 }) => {
      expect(after(units.ready(), valid, { room: delivers - 1 })).toMatchObject({
        outcome: GOOD,
        dataInMoved: delivers - 1,
        dataInWanted: delivers,
      });
    },
  );

  test.each(rows.filter(({ valid }) => valid.out !== undefined))(
    '$command, fewer data than it says: ABORTED COMMAND, and nothing is taken',
    ({ valid }) => {
      const { out = new Uint8Array(0) } = valid;
      expect(after(units.ready(), valid, { out: out.slice(0, -1) })).toMatchObject({
        outcome: 'b/0e03',
        dataOutMoved: 0,
        dataOutWanted: out.length,
      });
    },
  );

  test('every other code: ILLEGAL REQUEST, INVALID COMMAND OPERATION CODE', () => {
    const known = new Set(rows.map(({ valid }) => valid.cdb[0]));
    for (let opcode = 0; opcode < 256; opcode++) {
      if (known.has(opcode)) continue;
      const { outcome } = after(units.ready(), { cdb: cdbOf(opcode, 16) });
      expect([opcode, outcome]).toEqual([opcode, INVALID_OPCODE]);
    }
  });
}
