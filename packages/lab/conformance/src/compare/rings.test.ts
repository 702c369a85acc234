import { agrees } from '@dxelab/compare';
import type { DeviceInput, DriverRingInput } from '@dxelab/scenario';
import type { VirtioTransportOptions } from '@dxelab/virtio-devices';
import { MemoryBackend, VirtioBlk, VirtioPciModern } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import { changedDisk } from '../boot/demo-disk.fixture.ts';
import { KERNEL_TEXT, osLoader } from '../boot/programs.fixture.ts';
import { whyNoQemu } from '../qemu-machine/qemu-world.fixture.ts';
import { demoDisk } from '../scenario/live.fixture.ts';
import { COMPARED_TRANSPORTS, compareMachines, undeclared } from './machines.fixture.ts';
import { compareToPlanted, disk } from './planted.fixture.ts';

/** Why the tests on QEMU are skipped; it stands in their title. */
const skip = whyNoQemu();
const PATIENCE = 60_000;

const SWITCH = [false, true];
const RINGS: readonly DriverRingInput[] = SWITCH.flatMap((packed) =>
  SWITCH.flatMap((eventIdx) => SWITCH.map((indirect) => ({ packed, eventIdx, indirect }))),
);
const WIDE = COMPARED_TRANSPORTS.filter(({ name }) => /modern|version 2/.test(name));

describe.skipIf(skip !== undefined)(
  `rings that the driver asked for, side by side with QEMU's ${skip ?? ''}`,
  { timeout: PATIENCE },
  () => {
    describe.for(WIDE.map((compared) => [compared.name, compared] as const))(
      '%s',
      ([, { transport, differences }]) => {
        test.for(RINGS)(
          'packed: $packed, eventIdx: $eventIdx, indirect: $indirect',
          async (ring) => {
            const comparison = await compareMachines({
              machine: {
                memory: '64 MiB',
                devices: [
                  { 'virtio-blk': { ...transport, ring: { packed: true }, image: demoDisk() } },
                ],
              },
              firmware: {
                rings: { VirtioBlkDxe: ring },
                standIns: { '\\EFI\\BOOT\\BOOTX64.EFI': osLoader },
              },
              expect: [{ outcome: 'boot-services-exited' }, { console: KERNEL_TEXT.trim() }],
              differences,
            });
            expect(undeclared(comparison)).toEqual([]);
            expect(agrees(comparison)).toBe(true);
            const [recorded] = comparison.devices;
            // those of registers are less than 150
            expect(recorded?.events[0]).toBeGreaterThan(180);
            expect(recorded?.events[1]).toBe(recorded?.events[0]);
          },
        );
      },
    );
  },
);

describe('what is otherwise on a packed ring is found', () => {
  const ring: DriverRingInput = { packed: true, eventIdx: true };
  const plugged = (options: VirtioTransportOptions, backend = demoDisk()): DeviceInput => ({
    custom: {
      slot: '02.0',
      device: () =>
        new VirtioPciModern(new VirtioBlk({ backend, discard: true }), {
          ...options,
          ring: { packed: true },
        }),
    },
  });

  test('nothing is, of two that are the same', () => {
    const comparison = compareToPlanted({ devices: [plugged({})], ring });
    expect(undeclared(comparison)).toEqual([]);
    expect(comparison.devices[0]?.events[0]).toBeGreaterThan(250);
  });

  test('used lengths', () => {
    const usedElement: VirtioTransportOptions['usedElement'] = ({ id, length }) => ({
      id,
      length: Math.max(length - 1, 0),
    });
    const found = undeclared(compareToPlanted({ devices: [plugged({ usedElement })], ring }));
    expect(found).toContain('virtio-blk 02.0 | request | queue 0 | length | 513 | 512');
  });

  test('bytes', () => {
    const bytes = changedDisk((image) => {
      const at = Buffer.from(image.buffer).indexOf('operating system would');
      image[at] = 0x4f;
    });
    const found = undeclared(
      compareToPlanted({
        devices: [disk({ image: new MemoryBackend(bytes), ring: { packed: true } })],
        ring,
      }),
    );
    expect(found.filter((line) => line.includes('| data |'))).not.toEqual([]);
  });
});
