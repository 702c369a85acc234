import { agrees, compareScenario } from '@dxelab/compare';
import { createNodeHost } from '@dxelab/node-host';
import type { DifferenceInput, VirtioScsiInput } from '@dxelab/scenario';
import { defineScenario } from '@dxelab/scenario';
import { ExtScsiPassThruProtocol } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { application } from '../boot/programs.fixture.ts';
import { undeclared } from '../compare/machines.fixture.ts';
import { whyNoQemu } from '../qemu-machine/qemu-world.fixture.ts';
import { demoDisk } from '../scenario/live.fixture.ts';
import { statusOf, unit } from '../virtio-scsi-dxe/scsi-world.fixture.ts';

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

const CHIPSET: DifferenceInput = {
  chipset: 'any',
  reason: 'a q35 has an ICH9, and we have none',
};

const TRANSPORTS: readonly (readonly [string, VirtioScsiInput, readonly DifferenceInput[]])[] = [
  ['PCI modern', { transport: 'pci-modern' }, [CHIPSET]],
  ['PCI legacy', { transport: 'pci-legacy' }, [CHIPSET, LEGACY]],
  ['PCI transitional', { transport: 'pci-transitional' }, [CHIPSET]],
  ['MMIO version 1', { transport: 'mmio', version: 1 }, LARGEST_QUEUE],
  ['MMIO version 2', { transport: 'mmio', version: 2 }, LARGEST_QUEUE],
];

/** What differs in how much a command moves; each profile sends its own. */
const amounts = (command: string): readonly DifferenceInput[] => [
  {
    request: 'length',
    command,
    reason: 'QEMU’s used length is all of the chain; ours is what was written (virtio §2.7.8.2)',
  },
  {
    request: 'residual',
    command,
    reason:
      'QEMU fills the room that it has with zeros; and nothing is left of what it did not carry out: all is (virtio §5.6.6.1)',
  },
];

const DIFFERENCES: Readonly<Record<Profile, readonly DifferenceInput[]>> = {
  specification: [...amounts('INQUIRY'), ...amounts('REPORT LUNS')],
  edk2: [...amounts('INQUIRY'), ...amounts('MODE SENSE (6)')],
};

const CONTENTS: readonly DifferenceInput[] = ['INQUIRY', 'MODE SENSE (10)'].map((command) => ({
  request: 'data',
  command,
  reason: 'who the units say they are, and what they can do: side-by-side.test.ts has all of it',
}));

/** Of target 2, which has none: REPORT LUNS has it on QEMU, and it is one request more. */
const LUN_0: readonly DifferenceInput[] = [
  { request: 'data', command: 'REPORT LUNS', unit: '2:0', reason: 'QEMU lists LUN 0 always' },
  { request: 'descriptors', command: 'INQUIRY', unit: '2:0', reason: 'the driver asks for it' },
  { register: 'notify', reason: 'and notifies once more' },
  { call: 'ExtScsiPassThru.*', reason: 'and so does who drives the bus' },
];

/** A loader that resets all targets, and says what comes of resetting a unit of one that is not there. */
const resetter = application(({ bs, systemTable, imageHandle }) => {
  const scsi = bs.locateProtocol(ExtScsiPassThruProtocol);
  scsi.resetChannel();
  const status = statusOf(() => scsi.resetTargetLun(unit(200)));
  systemTable.conOut?.outputString(`reset: ${status}`);
  bs.exitBootServices(imageHandle, bs.getMemoryMap().mapKey);
});

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
        // VirtioPciDeviceDxe goes first at a transitional device as OVMF ships it.
        const legacy = profile === 'edk2' && scsi.transport === 'pci-transitional' ? [LEGACY] : [];
        const scenario = defineScenario({
          machine: { memory: '64 MiB', devices: [{ 'virtio-scsi': { ...scsi, units: UNITS } }] },
          firmware: { profile },
          steps: [{ connect: 'all' }, { disconnect: 'all' }],
          expect: [{ outcome: 'completed' }],
          differences: [...DIFFERENCES[profile], ...CONTENTS, ...differences, ...legacy],
        });
        const comparison = await compareScenario(scenario, createNodeHost(import.meta.url));
        expect(undeclared(comparison)).toEqual([]);
        expect(comparison.unused).toEqual([]);
        expect(agrees(comparison)).toBe(true);
      });
    });

    test('task management of targets that are not there', { timeout: 60_000 }, async () => {
      const disk = { 'virtio-blk': { image: demoDisk() } };
      const scenario = defineScenario({
        machine: { memory: '64 MiB', devices: [disk, { 'virtio-scsi': { units: UNITS } }] },
        firmware: { standIns: { '\\EFI\\BOOT\\BOOTX64.EFI': resetter } },
        differences: [
          CHIPSET,
          { features: [4], device: 'virtio-blk *', reason: 'QEMU invents a geometry' },
          ...DIFFERENCES.specification,
          ...CONTENTS,
          {
            request: 'data',
            queue: 0,
            reason:
              'I_T NEXUS RESET where no target is: BAD_TARGET says so (virtio §5.6.6.2 has it for all functions), QEMU says FUNCTION COMPLETE',
          },
        ],
      });
      const comparison = await compareScenario(scenario, createNodeHost(import.meta.url));
      expect([undeclared(comparison), comparison.unused]).toEqual([[], []]);
      // Three of 256 targets are there. A LOGICAL UNIT RESET is answered alike.
      const answers = comparison.differences.filter(({ name }) => name === 'queue 0');
      expect(answers).toMatchObject([{ texts: ['03', '00'], count: 253 }]);
      const statuses = comparison.boots.map(({ console: text }) => text.trim());
      expect(statuses).toEqual(['reset: EFI_INVALID_PARAMETER', 'reset: EFI_INVALID_PARAMETER']);
    });

    test(
      'a target without LUN 0, which QEMU lists all the same, and so is asked for',
      { timeout: 60_000 },
      async () => {
        const units = [{ disk: { target: 2, lun: 3, image: { zeros: '1 MiB' } } }] as const;
        const scenario = defineScenario({
          machine: { memory: '64 MiB', devices: [{ 'virtio-scsi': { units } }] },
          steps: [{ connect: 'all' }],
          differences: [CHIPSET, ...DIFFERENCES.specification, ...CONTENTS, ...LUN_0],
        });
        const comparison = await compareScenario(scenario, createNodeHost(import.meta.url));
        expect(undeclared(comparison)).toEqual([]);
        expect(comparison.unused).toEqual([]);
      },
    );
  },
);
