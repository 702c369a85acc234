import { uint64 } from '@dxelab/platform';
import type { ScsiResult, ScsiTask } from '../scsi-task.ts';
import type { Outcome } from './outcome.ts';
import { GOOD } from './outcome.ts';

const NOTHING = new Uint8Array(0);

/** Stands where a task will be, so that the field always holds one. */
const NO_TASK: ScsiTask = {
  cdb: NOTHING,
  dataOutLength: 0,
  dataInLength: 0,
  readDataOut: () => 0,
  writeDataIn: () => 0,
  eachDataOut() {},
  eachDataIn() {},
};

/** A result with nothing in it, for a transport to reuse. */
export function scsiResult(): ScsiResult {
  return {
    status: GOOD,
    sense: NOTHING,
    dataInMoved: 0,
    dataOutMoved: 0,
    dataInWanted: 0,
    dataOutWanted: 0,
  };
}

/** What `information` is when sense data name no block. */
export const NO_INFORMATION = -1;

/** The command that a unit is doing: its CDB by fields, its data, and what goes into its result. */
export class RunningCommand {
  task: ScsiTask;
  result: ScsiResult;
  cdb: Uint8Array;
  /** The INFORMATION field of the sense data, such as the block that could not be read. */
  information: number;

  constructor() {
    this.task = NO_TASK;
    this.result = scsiResult();
    this.cdb = NOTHING;
    this.information = NO_INFORMATION;
  }

  begin(task: ScsiTask, result: ScsiResult): void {
    this.task = task;
    this.result = result;
    this.cdb = task.cdb;
    this.information = NO_INFORMATION;
    result.status = GOOD;
    result.sense = NOTHING;
    result.dataInMoved = 0;
    result.dataOutMoved = 0;
    result.dataInWanted = 0;
    result.dataOutWanted = 0;
  }

  byte(at: number): number {
    return this.cdb[at] ?? 0;
  }

  uint16(at: number): number {
    return (this.byte(at) << 8) | this.byte(at + 1);
  }

  uint24(at: number): number {
    return (this.byte(at) << 16) | this.uint16(at + 1);
  }

  uint32(at: number): number {
    return ((this.uint16(at) << 16) | this.uint16(at + 2)) >>> 0;
  }

  /** From 2^53 on it is rounded, and beyond every capacity. */
  uint64(at: number): number {
    return uint64(this.uint32(at + 4), this.uint32(at));
  }

  /** Delivers `data`, cut where the allocation length ends (SPC-6). */
  answer(data: Uint8Array, allocationLength: number): Outcome {
    const { result } = this;
    const wanted = data.length > allocationLength ? data.subarray(0, allocationLength) : data;
    result.dataInWanted = wanted.length;
    result.dataInMoved = this.task.writeDataIn(0, wanted);
    return GOOD;
  }

  /** Takes a parameter list of `length` bytes; `undefined` if fewer came. */
  parameterList(length: number): Uint8Array | undefined {
    const { result, task } = this;
    result.dataOutWanted = length;
    if (task.dataOutLength < length) return undefined;
    const list = new Uint8Array(length);
    result.dataOutMoved = task.readDataOut(0, list);
    return list;
  }
}
