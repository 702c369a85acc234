import { TraceRecorder, createTracer } from '@dxelab/trace';
import { describe, expect, test } from 'vitest';
import { FirmwareWatch } from './firmware-watch.ts';
import { PhaseClock } from './phase-clock.ts';

/** A watch over a firmware in which every event takes 10 ns and 1 ms. */
function watched(): { watch: FirmwareWatch; phases: PhaseClock; recorder: TraceRecorder } {
  let events = 0;
  const phases = new PhaseClock({ virtual: () => events * 10, wall: () => events });
  const recorder = new TraceRecorder();
  const tick = createTracer(recorder, { now: () => events++ });
  return { watch: new FirmwareWatch(phases, { others: [tick] }), phases, recorder };
}

const device = { controller: 7, recursive: true } as const;
const image = { handle: 9, image: 'BOOTX64.EFI' } as const;

describe('the phases of a boot', () => {
  test('are told by what the firmware does', () => {
    const { watch, phases, recorder } = watched();
    phases.enter('dispatch');
    watch.tracer('start_image_begin', { ...image, image: 'FatDxe' });
    watch.tracer('start_image_end', { ...image, image: 'FatDxe', status: 'EFI_SUCCESS' });
    watch.startBooting();
    watch.tracer('connect_controller_begin', device);
    watch.tracer('connect_controller_begin', device);
    watch.tracer('connect_controller_end', { controller: 7, status: 'EFI_SUCCESS' });
    watch.tracer('connect_controller_end', { controller: 7, status: 'EFI_SUCCESS' });
    watch.tracer('load_image', { ...image, base: 0x1000 });
    watch.tracer('start_image_begin', image);
    watch.tracer('lab_note', { text: 'the image runs' });
    expect(phases.phases()).toEqual([
      { name: 'dispatch', virtualTime: 20, wallTime: 2 },
      { name: 'connect', virtualTime: 30, wallTime: 3 },
      { name: 'load', virtualTime: 30, wallTime: 3 },
      { name: 'image', virtualTime: 10, wallTime: 1 },
    ]);
    expect(recorder.records).toHaveLength(9);
  });

  test('come back when an image fails and the next is looked for', () => {
    const { watch, phases } = watched();
    watch.startBooting();
    watch.tracer('start_image_begin', image);
    watch.tracer('start_image_end', { ...image, status: 'EFI_LOAD_ERROR' });
    watch.tracer('lab_note', { text: 'the next' });
    expect(phases.phases().map(({ name, wallTime }) => [name, wallTime])).toEqual([
      ['load', 2],
      ['image', 1],
    ]);
  });
});

describe('who was at work when the world ended', () => {
  test('is the innermost that ended without a status', () => {
    const { watch } = watched();
    watch.tracer('driver_binding_supported_end', {
      driver: 'FatDxe',
      controller: 7,
      status: 'EFI_UNSUPPORTED',
    });
    expect(watch.culprit).toBeUndefined();
    watch.tracer('driver_binding_start_end', {
      driver: 'MyDriver',
      controller: 7,
      status: undefined,
    });
    watch.tracer('start_image_end', { ...image, status: undefined });
    expect(watch.culprit).toBe('Start() of MyDriver on handle 7');
  });
});

test('who is at work is told as it changes', () => {
  const told: (string | undefined)[] = [];
  const watch = new FirmwareWatch(watched().phases, { onWork: (work) => told.push(work) });
  const start = { driver: 'BusDxe', controller: 7, status: undefined };
  const asked = { driver: 'FatDxe', controller: 8, status: undefined };
  watch.tracer('driver_binding_start_begin', start);
  watch.tracer('driver_binding_supported_begin', asked);
  watch.tracer('driver_binding_supported_end', { ...asked, status: 'EFI_UNSUPPORTED' });
  watch.tracer('driver_binding_start_end', { ...start, status: 'EFI_SUCCESS' });
  const bus = 'Start() of BusDxe on handle 7';
  expect(told).toEqual([bus, 'Supported() of FatDxe on handle 8', bus, undefined]);
});
