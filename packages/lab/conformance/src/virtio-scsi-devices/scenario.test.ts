import { createNodeHost } from '@dxelab/node-host';
import type { BootReport, VirtioInput, VirtioScsiInput } from '@dxelab/scenario';
import { boot, defineScenario, prepareScenario } from '@dxelab/scenario';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { demoDisk } from '../boot/demo-disk.fixture.ts';
import { KERNEL_TEXT, osLoader } from '../boot/programs.fixture.ts';
import { ImageFile } from '../qemu-machine/image-file.fixture.ts';
import { whyNoQemu } from '../qemu-machine/qemu-world.fixture.ts';

/** Why tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const host = createNodeHost(import.meta.url);

async function bootScenario(scenario: ReturnType<typeof defineScenario>): Promise<BootReport> {
  const prepared = await prepareScenario(scenario, host);
  try {
    return boot(prepared);
  } finally {
    prepared.close();
  }
}

/** Targets and LUNs of the logical units that there are handles of. */
function unitsOf({ handles }: BootReport): readonly string[] {
  return handles.flatMap(
    ({ devicePath = '' }) => /\/Scsi\(([^)]*)\)$/.exec(devicePath)?.slice(1) ?? [],
  );
}

const TRANSPORTS: readonly (readonly [string, VirtioInput])[] = [
  ['PCI legacy', { transport: 'pci-legacy' }],
  ['PCI modern', { transport: 'pci-modern' }],
  ['PCI transitional', { transport: 'pci-transitional' }],
  ['MMIO 1', { transport: 'mmio', version: 1 }],
  ['MMIO 2', { transport: 'mmio', version: 2 }],
];

const MACHINES = skip === undefined ? (['emulated', 'qemu'] as const) : (['emulated'] as const);

/** The demonstration disk as unit 3 of ten. */
function tenDisks(path: string): NonNullable<VirtioScsiInput['units']> {
  return Array.from({ length: 10 }, (_, lun) => ({
    disk: { target: 0, lun, image: lun === 3 ? path : { zeros: '64 KiB' } },
  }));
}

describe.each(MACHINES)('one of ten disks behind a SCSI host boots: %s', (kind) => {
  test.for(PROFILES.flatMap((profile) => TRANSPORTS.map((on) => [profile, ...on] as const)))(
    '%s, %s',
    async ([profile, , attached]) => {
      using image = new ImageFile(demoDisk());
      const units = tenDisks(image.path);
      const scenario = defineScenario({
        machine: { kind, memory: '64 MiB', devices: [{ 'virtio-scsi': { ...attached, units } }] },
        firmware: { profile, standIns: { '\\EFI\\BOOT\\BOOTX64.EFI': osLoader } },
        expect: [{ outcome: 'boot-services-exited' }, { console: KERNEL_TEXT.trim() }],
      });
      const report = await bootScenario(scenario);
      expect(report.expectations.map(({ held }) => held)).toEqual([true, true]);
      // OVMF looks at eight of them.
      expect(unitsOf(report)).toHaveLength(profile === 'edk2' ? 8 : 10);
    },
  );
});

describe('what a SCSI host is told', () => {
  const noisy = (more: VirtioScsiInput): ReturnType<typeof defineScenario> =>
    defineScenario({
      machine: {
        memory: '64 MiB',
        devices: [
          { 'virtio-scsi': { units: [{ disk: { image: { zeros: '64 KiB' } } }], ...more } },
        ],
      },
      steps: [{ connect: 'all' }],
    });

  test('that it answers nothing but BUSY: no unit comes up', async () => {
    expect(unitsOf(await bootScenario(noisy({ response: 'BUSY' })))).toEqual([]);
  });

  test('that commands take their time', async () => {
    const fast = await bootScenario(noisy({}));
    const slow = await bootScenario(noisy({ latency: '1 ms' }));
    expect(unitsOf(slow)).toEqual(['0x0,0x0']);
    expect(slow.virtualTime - fast.virtualTime).toBeGreaterThan(3e6);
  });
});

describe.skipIf(skip !== undefined)(`what QEMU’s SCSI host does not have ${skip ?? ''}`, () => {
  test.for<[VirtioScsiInput, string]>([
    [{ latency: 'never' }, "QEMU's SCSI host has no latency"],
    [{ inout: true, maxLun: 7 }, "QEMU's SCSI host has no maxLun, inout"],
    [{ units: [{ cdrom: { spinUp: 3 } }] }, "QEMU's SCSI cdrom has no spinUp"],
  ])('is said where it stands: %j', async ([scsi, message]) => {
    const scenario = defineScenario({
      machine: { kind: 'qemu', devices: [{ 'virtio-scsi': scsi }] },
    });
    await expect(bootScenario(scenario)).rejects.toThrow(message);
  });
});
