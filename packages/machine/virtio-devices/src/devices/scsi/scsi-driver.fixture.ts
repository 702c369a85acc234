import type { Piece } from '../../test-driver.fixture.ts';
import { VERSION_1 } from '../../test-driver.fixture.ts';
import { TestMachine } from '../../test-machine.fixture.ts';
import { TestUnit } from './scsi-unit.fixture.ts';
import type { VirtioScsiOptions } from './virtio-scsi-options.ts';
import { VirtioScsi } from './virtio-scsi.ts';

export const INOUT = 1n;
export const HOTPLUG = 2n;
export const CHANGE = 4n;

export const CANARY = 0xc5;
export const CONTROL = 0;
export const EVENTS = 1;
export const REQUESTS = 2;

/** What a command is answered with. */
export interface Answer {
  readonly response: number;
  readonly status: number;
  readonly residual: number;
  readonly sense: readonly number[];
  /** Of the used element. */
  readonly length: number;
}

export interface Sizes {
  readonly cdb: number;
  readonly sense: number;
}

export const SIZES: Sizes = { cdb: 32, sense: 96 };

/** A machine with a SCSI host, whose unit 0 of target 0 is a `TestUnit`. */
export function start(options: VirtioScsiOptions = {}, features = 0n) {
  const unit = new TestUnit();
  const model = new VirtioScsi({ units: [{ target: 0, lun: 0, unit }], ...options });
  const bench = new TestMachine(model);
  bench.start(VERSION_1 | features);
  return { bench, model, unit };
}

/** The address of a logical unit, in the flat format. */
export function lunBytes(target: number, lun = 0): Uint8Array {
  return Uint8Array.of(1, target, 0x40 | (lun >> 8), lun & 0xff, 0, 0, 0, 0);
}

/** A command's readable header. */
export function command(
  cdb: readonly number[],
  lun: Uint8Array = lunBytes(0),
  id = 0,
  cdbSize: number = SIZES.cdb,
): Uint8Array {
  const bytes = new Uint8Array(19 + cdbSize);
  bytes.set(lun);
  new DataView(bytes.buffer).setUint32(8, id, true);
  bytes.set(cdb, 19);
  return bytes;
}

/** What stands in the writable header in descriptor `index`. */
export function answerIn(bench: TestMachine, index: number, sizes: Sizes = SIZES): Answer {
  const bytes = bench.bytes(index, 12 + sizes.sense);
  const view = new DataView(bytes.buffer);
  return {
    response: view.getUint8(11),
    status: view.getUint8(10),
    residual: view.getUint32(4, true),
    sense: [...bytes.subarray(12, 12 + view.getUint32(0, true))],
    length: bench.used(REQUESTS).length,
  };
}

/** Sends a command with data out and room for data in, and returns its answer and the data. */
export function request(
  bench: TestMachine,
  header: Uint8Array,
  out: Uint8Array = new Uint8Array(0),
  into = 0,
  sizes: Sizes = SIZES,
): Answer & { readonly data: readonly number[] } {
  const before: Piece[] = out.length > 0 ? [header, out] : [header];
  const room: Piece[] = into > 0 ? [12 + sizes.sense, into] : [12 + sizes.sense];
  bench.offer([...before, ...room], REQUESTS);
  const index = before.length;
  const data = into > 0 ? [...bench.bytes(index + 1, into)] : [];
  return { ...answerIn(bench, index, sizes), data };
}

/** A task management function's readable part. */
export function tmf(subtype: number, lun: Uint8Array = lunBytes(0), id = 0): Uint8Array {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, subtype, true);
  bytes.set(lun, 8);
  view.setUint32(16, id, true);
  return bytes;
}

/** Where control requests and events are put, beside commands. */
export const ASIDE = 12;

/** Sends a control request and returns its answer. */
export function control(bench: TestMachine, bytes: Uint8Array, room = 1): readonly number[] {
  bench.offer([bytes, room], CONTROL, ASIDE);
  bench.machine.platform.clock.delay(10);
  return [...bench.bytes(ASIDE + 1, room)];
}

/** Leaves a buffer for an event in descriptor `index`. */
export function leaveBuffer(
  bench: TestMachine,
  index: number,
  pieces: readonly Piece[] = [16],
): void {
  bench.offer(pieces, EVENTS, index);
}

/** The event in descriptor `index`: event, address, reason. */
export function eventIn(bench: TestMachine, index: number): readonly [number, string, number] {
  bench.machine.platform.clock.delay(10);
  const bytes = bench.bytes(index, 16);
  const view = new DataView(bytes.buffer);
  const lun = [...bytes.subarray(4, 12)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [view.getUint32(0, true), lun, view.getUint32(12, true)];
}
