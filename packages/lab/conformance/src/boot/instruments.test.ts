import { describe, expect, test } from 'vitest';
import type { Tracer } from '@dxelab/platform';
import { tracePlatform } from '@dxelab/platform';
import { chromeSink, createTracer, jsonLinesSink, textSink } from '@dxelab/trace';
import type { TraceSink } from '@dxelab/trace';
import { EVT_NOTIFY_SIGNAL, EVT_TIMER, TPL_NOTIFY } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import type { BootWorldOptions } from './boot-world.fixture.ts';
import { BootWorld, virtioDisk } from './boot-world.fixture.ts';
import { application, bootOs, osLoader } from './programs.fixture.ts';

/** A boot with a ticking timer and a slow disk, so that interrupts and events of devices come. */
function busy(): BootWorldOptions {
  const loader = application((running) => {
    const { bs } = running;
    const timer = bs.createEvent(EVT_TIMER | EVT_NOTIFY_SIGNAL, TPL_NOTIFY, () => {}, undefined);
    bs.setTimer(timer, 'TimerPeriodic', 100);
    // Longer than a tick of EDK II's timer.
    bs.stall(12_000);
    bootOs(running);
  });
  return { standIn: loader, slots: { '02.0': virtioDisk(undefined, { latency: 30_000 }) } };
}

function seen(world: BootWorld) {
  const { kind, message, details } = world.boot();
  const { console, deviceTree, attempts, findings, debug, dmaAccesses } = world;
  const { now, accesses } = world.machine.platform.cycles;
  const rest = { console, deviceTree, attempts, findings, debug, dmaAccesses, now, accesses };
  return { outcome: { kind, message, details }, ...rest };
}

/** Boots with every tracer there is: of the waist, the machine, its devices and the core. */
function traced(options: BootWorldOptions, sink: TraceSink) {
  let now = (): number => 0;
  const trace: Tracer = createTracer(sink, { now: () => now() });
  const world = new BootWorld({ ...options, trace, waist: (inner) => tracePlatform(inner, trace) });
  now = () => world.machine.platform.cycles.now;
  const result = seen(world);
  sink.end();
  return result;
}

/** The whole of a trace as text. */
function textOf(options: BootWorldOptions, sink = textSink): string {
  const chunks: string[] = [];
  traced(
    options,
    sink((text) => chunks.push(text)),
  );
  return chunks.join('');
}

describe.each(PROFILES)('a boot that is watched, %s', (profile) => {
  test.each([
    ['a plain boot', (): BootWorldOptions => ({ standIn: osLoader })],
    ['a boot with interrupts and a slow disk', busy],
  ])('%s is the same boot, to the nanosecond', (_name, options) => {
    const plain = seen(new BootWorld({ profile, ...options() }));
    expect(plain.outcome.kind).toBe('boot-services-exited');
    for (const sink of [textSink, jsonLinesSink, chromeSink]) {
      expect(
        traced(
          { profile, ...options() },
          sink(() => {}),
        ),
      ).toEqual(plain);
    }
  });

  test('twice from the same seed leaves the same trace, byte for byte', () => {
    const first = textOf({ profile, seed: 42, ...busy() });
    expect(first.split('\n').length).toBeGreaterThan(1000);
    expect(textOf({ profile, seed: 42, ...busy() }) === first).toBe(true);
  });

  test('its trace has every layer in it', () => {
    const names = new Set(
      textOf({ profile, ...busy() })
        .split('\n')
        .map((line) => line.split(' ')[1]),
    );
    for (const name of [
      'waist_mmio_write',
      'waist_ram_read',
      'waist_interrupt_enter',
      'memory_region_ops_write',
      'virtio_queue_notify',
      'virtqueue_push',
      'virtio_blk_handle_read',
      'driver_binding_start_begin',
      'start_image_begin',
      'install_protocol',
    ]) {
      expect([...names]).toContain(name);
    }
  });

  test('its Chrome trace is JSON whose slices are closed, all but those that the end cut off', () => {
    const events: readonly { readonly ph: string }[] = JSON.parse(
      textOf({ profile, standIn: osLoader }, chromeSink),
    );
    const count = (phase: string) => events.filter(({ ph }) => ph === phase).length;
    expect(count('B')).toBeGreaterThan(20);
    expect(count('E')).toBe(count('B'));
  });
});

describe('the order of devices', () => {
  const disks = () => [
    virtioDisk(),
    virtioDisk(new Uint8Array(64 * 512)),
    virtioDisk(new Uint8Array(4096), { readOnly: true }),
  ];

  test.each([
    [['02.0', '03.0', '04.0']],
    [['04.0', '03.0', '02.0']],
    [['1f.0', '02.0', '10.0']],
    [['02.3', '02.0', '02.7']],
  ])('does not matter to the boot: %s', (slots) => {
    const world = new BootWorld({
      standIn: osLoader,
      slots: Object.fromEntries(disks().map((disk, index) => [slots[index] ?? '', disk])),
    });
    world.bootTo('boot-services-exited');
    expect(world.findings).toEqual([]);
  });
});
