import { agrees } from '@dxelab/compare';
import type { DifferenceInput } from '@dxelab/scenario';
import { RngProtocol } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { application, bootOsPatiently } from '../boot/programs.fixture.ts';
import { whyNoQemu } from '../qemu-machine/qemu-world.fixture.ts';
import { demoDisk } from '../scenario/live.fixture.ts';
import { COMPARED_TRANSPORTS, compareMachines, undeclared } from './machines.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const PATIENCE = 60_000;

const ENTROPY: DifferenceInput = {
  request: 'data',
  device: 'virtio-rng *',
  reason: 'entropy would be none if two machines had the same',
};

/** An OS loader that first draws entropy, as a boot stub does to shuffle its kernel. */
const gambler = application((running) => {
  const rng = running.bs.locateProtocol(RngProtocol);
  for (const length of [1, 32, 4096]) rng.getRng(undefined, new Uint8Array(length));
  bootOsPatiently(running);
});

describe.skipIf(skip !== undefined)(
  `our entropy source and QEMU's, side by side (virtio §5.4) ${skip ?? ''}`,
  { timeout: PATIENCE },
  () => {
    describe.for(PROFILES)('%s', (profile) => {
      test.for(COMPARED_TRANSPORTS.map((compared) => [compared.name, compared] as const))(
        '%s: nothing differs but the entropy, and what is declared',
        async ([, { transport, differences, legacyDifferences = [] }]) => {
          const comparison = await compareMachines({
            machine: {
              memory: '64 MiB',
              devices: [
                { 'virtio-blk': { ...transport, image: demoDisk() } },
                { 'virtio-rng': transport },
              ],
            },
            firmware: { profile, standIns: { '\\EFI\\BOOT\\BOOTX64.EFI': gambler } },
            differences: [
              ...differences,
              ...(profile === 'edk2' ? legacyDifferences : []),
              ENTROPY,
            ],
          });
          expect(undeclared(comparison)).toEqual([]);
          expect(comparison.unused).toEqual([]);
          expect(agrees(comparison)).toBe(true);
          const [, rng] = comparison.devices;
          expect(rng?.name).toMatch(/^virtio-rng (?:03\.0|mmio 22)$/);
        },
      );
    });
  },
);
