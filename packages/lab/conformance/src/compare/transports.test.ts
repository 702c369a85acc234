import { agrees } from '@dxelab/compare';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { KERNEL_TEXT } from '../boot/programs.fixture.ts';
import { whyNoQemu } from '../qemu-machine/qemu-world.fixture.ts';
import { demoDisk } from '../scenario/live.fixture.ts';
import { everySector, SCRATCH } from './every-sector.fixture.ts';
import { COMPARED_TRANSPORTS, compareMachines, undeclared } from './machines.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const PATIENCE = 120_000;

describe.skipIf(skip !== undefined)(
  `our devices and QEMU's, side by side ${skip ?? ''}`,
  { timeout: PATIENCE },
  () => {
    describe.for(PROFILES)('%s', (profile) => {
      test.for(COMPARED_TRANSPORTS.map((compared) => [compared.name, compared] as const))(
        '%s: a loader reads and writes every sector of 64 MiB, and nothing differs that is not declared',
        async ([, { transport, differences, legacyDifferences = [] }]) => {
          const comparison = await compareMachines({
            machine: {
              memory: '64 MiB',
              devices: [
                { 'virtio-blk': { ...transport, image: demoDisk() } },
                { 'virtio-blk': { ...transport, image: { zeros: SCRATCH }, writable: true } },
              ],
            },
            firmware: { profile, standIns: { '\\EFI\\BOOT\\BOOTX64.EFI': everySector } },
            expect: [{ outcome: 'boot-services-exited' }, { console: KERNEL_TEXT.trim() }],
            differences: [...differences, ...(profile === 'edk2' ? legacyDifferences : [])],
          });
          expect(undeclared(comparison)).toEqual([]);
          // What is declared is true, each of it.
          expect(comparison.unused).toEqual([]);
          expect(comparison.boots.flatMap(({ expectations }) => expectations)).toEqual(
            Array.from({ length: 4 }, () => expect.objectContaining({ held: true })),
          );
          expect(agrees(comparison)).toBe(true);
          // There was something to compare: each MiB was written, and read.
          const [, scratch] = comparison.devices;
          expect(scratch?.events[0]).toBeGreaterThan(2 * 64);
          expect(scratch?.events[1]).toBe(scratch?.events[0]);
        },
      );
    });
  },
);
