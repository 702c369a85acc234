import { agrees, compareScenario } from '@dxelab/compare';
import { createNodeHost } from '@dxelab/node-host';
import type { DifferenceInput, VirtioScsiInput } from '@dxelab/scenario';
import { defineScenario } from '@dxelab/scenario';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { whyNoQemu } from '../qemu-machine/qemu-world.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();

const LEGACY: DifferenceInput = {
  features: [30],
  reason: 'QEMU offers what drivers must not take, to find those that do (VIRTIO_F_BAD_FEATURE)',
};

/** What a transport of QEMU's says of queues, whatever the device has. */
const LARGEST_QUEUE: readonly DifferenceInput[] = [
  { register: 'mmio.queueSize*', reason: 'QEMU offers 1024 descriptors on MMIO, to every device' },
  { register: 'ring', reason: 'and so the ring has 1024' },
];

const TRANSPORTS: readonly (readonly [string, VirtioScsiInput, readonly DifferenceInput[]])[] = [
  ['PCI modern', { transport: 'pci-modern' }, []],
  ['PCI legacy', { transport: 'pci-legacy' }, [LEGACY]],
  ['PCI transitional', { transport: 'pci-transitional' }, [LEGACY]],
  ['MMIO version 1', { transport: 'mmio', version: 1 }, LARGEST_QUEUE],
  ['MMIO version 2', { transport: 'mmio', version: 2 }, LARGEST_QUEUE],
];

const DIFFERENCES: readonly DifferenceInput[] = [
  { chipset: 'any', reason: 'a q35 has an ICH9, and we have none' },
  {
    request: 'length',
    queue: 2,
    reason:
      'QEMU’s used length is all of the chain, data out too; ours is what was written (virtio §2.7.8.2)',
  },
  {
    request: 'data',
    queue: 2,
    reason:
      'who the units say they are (side-by-side.test.ts), and the residual of a command that was not carried out: all of its data (virtio §5.6.6.1), 0 on QEMU',
  },
];

/** A disk, one with other blocks, a disc and an empty drive; each target has a unit 0. */
const UNITS: NonNullable<VirtioScsiInput['units']> = [
  { disk: { target: 0, image: { zeros: '1 MiB' }, serial: 'A' } },
  { disk: { target: 0, lun: 300, image: { zeros: '1 MiB' }, blockSize: 4096, serial: 'B' } },
  { cdrom: { target: 3, image: { zeros: '1 MiB' } } },
  { cdrom: { target: 31 } },
];

describe.skipIf(skip !== undefined)(
  `the SCSI drivers do on QEMU what they do on ours ${skip ?? ''}`,
  () => {
    describe.each(PROFILES)('%s', (profile) => {
      test.each(TRANSPORTS)('%s', { timeout: 60_000 }, async (_name, scsi, differences) => {
        const scenario = defineScenario({
          machine: { memory: '64 MiB', devices: [{ 'virtio-scsi': { ...scsi, units: UNITS } }] },
          firmware: { profile },
          steps: [{ connect: 'all' }, { disconnect: 'all' }],
          expect: [{ outcome: 'completed' }],
          differences: [...DIFFERENCES, ...differences],
        });
        const comparison = await compareScenario(scenario, createNodeHost(import.meta.url));
        const undeclared = comparison.differences
          .filter(({ reason }) => reason === undefined)
          .map(
            ({ device, name, part, texts }) => `${device} ${name} ${part}: ${texts.join(' | ')}`,
          );
        expect(undeclared).toEqual([]);
        expect(agrees(comparison)).toBe(true);
      });
    });
  },
);
