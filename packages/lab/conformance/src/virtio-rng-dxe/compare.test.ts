import { agrees, compareScenario } from '@dxelab/compare';
import { createNodeHost } from '@dxelab/node-host';
import type { DifferenceInput, VirtioRngInput } from '@dxelab/scenario';
import { defineScenario } from '@dxelab/scenario';
import { EVT_NOTIFY_SIGNAL, RngProtocol, TPL_CALLBACK } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { whyNoQemu } from '../qemu-machine/qemu-world.fixture.ts';
import { driver } from '../scenario/live.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();

/** Draws 16 bytes, 4096 and one, in this order, when a source of entropy comes up. */
const drawer = driver('Drawer', ({ bootServices: bs }) => {
  const draw = (): void => {
    const rng = bs.locateProtocol(RngProtocol, registration);
    for (const length of [16, 4096, 1]) rng.getRng(undefined, new Uint8Array(length));
  };
  const installed = bs.createEvent(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, draw, undefined);
  const registration = bs.registerProtocolNotify(RngProtocol, installed);
});

const LEGACY: DifferenceInput = {
  features: [30],
  reason: 'QEMU offers what drivers must not take, to find those that do (VIRTIO_F_BAD_FEATURE)',
};

/** What a transport of QEMU's says of queues, whatever the device has. */
const LARGEST_QUEUE: readonly DifferenceInput[] = [
  { register: 'mmio.queueSize*', reason: 'QEMU offers 1024 descriptors on MMIO, to every device' },
  { register: 'ring', reason: 'and so the ring has 1024' },
];

const TRANSPORTS: readonly (readonly [string, VirtioRngInput, readonly DifferenceInput[]])[] = [
  ['PCI modern', { transport: 'pci-modern' }, []],
  ['PCI legacy', { transport: 'pci-legacy' }, [LEGACY]],
  ['PCI transitional', { transport: 'pci-transitional' }, [LEGACY]],
  ['MMIO version 1', { transport: 'mmio', version: 1 }, LARGEST_QUEUE],
  ['MMIO version 2', { transport: 'mmio', version: 2 }, LARGEST_QUEUE],
];

const DIFFERENCES: readonly DifferenceInput[] = [
  { chipset: 'any', reason: 'a q35 has an ICH9, and we have none' },
  { request: 'data', reason: 'it is entropy' },
];

describe.skipIf(skip !== undefined)(
  `VirtioRngDxe finds on QEMU what it finds on ours ${skip ?? ''}`,
  () => {
    describe.each(PROFILES)('%s', (profile) => {
      test.each(TRANSPORTS)('%s', async (_name, rng, differences) => {
        const scenario = defineScenario({
          machine: { memory: '64 MiB', devices: [{ 'virtio-rng': rng }] },
          firmware: { profile, drivers: ['ovmf', drawer] },
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
