import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findQemu, openDisk } from '@dxelab/node-host';
import type { BootReport, Host, MachineInput, ScenarioInput } from '@dxelab/scenario';
import { boot, defineScenario, parseScenario, prepareScenario } from '@dxelab/scenario';
import { PROFILES } from '@dxelab/uefi-lib';
import { VIRTIO_F_ACCESS_PLATFORM } from '@dxelab/virtio';
import { virtioBlkDxeWith } from '@dxelab/virtio-blk-dxe';
import { describe, expect, test } from 'vitest';
import { demoDisk } from '../boot/demo-disk.fixture.ts';
import { ImageFile } from './image-file.fixture.ts';
import { KERNEL_TEXT, osLoader } from '../boot/programs.fixture.ts';
import { whyNoQemu } from './qemu-world.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const DEMO = fileURLToPath(
  new URL('../../../../../apps/dxelab/demo/scenario.yaml', import.meta.url),
);

/** Other rings than QEMU's devices have by themselves. */
const RINGS = { packed: true, eventIdx: false, indirect: false, inOrder: false } as const;

/** Node's host, but for the loading of TypeScript: that is the test runner's business. */
const bareHost: Host = {
  resolve: (base, path) => resolve(dirname(base), path),
  openDisk: (path, { writable }) => openDisk(path, writable),
  loadModule: (path) => import(/* @vite-ignore */ pathToFileURL(path).href),
};
const host: Host = { ...bareHost, findQemu };

async function bootScenario(scenario: ReturnType<typeof defineScenario>): Promise<BootReport> {
  const prepared = await prepareScenario(scenario, host);
  try {
    return boot(prepared);
  } finally {
    prepared.close();
  }
}

describe.skipIf(skip !== undefined)(`a scenario on QEMU ${skip ?? ''}`, () => {
  test('the demonstration: the same devices, steps and expectations as on the emulated machine', async () => {
    const text = readFileSync(DEMO, 'utf8');
    const emulated = await bootScenario(parseScenario(text, DEMO));
    const qemu = await bootScenario(
      parseScenario(text.replace('kind: emulated', 'kind: qemu'), DEMO),
    );
    expect(qemu.machine).toBe('qemu q35, 256 MiB');
    expect(qemu.outcome).toEqual(emulated.outcome);
    expect(qemu.console).toBe(emulated.console);
    expect(qemu.expectations.map(({ held }) => held)).toEqual([true, true, true]);
  });

  const disks: readonly (readonly [string, NonNullable<MachineInput['devices']>])[] = [
    ['PCI legacy', [{ 'virtio-blk': { image: 'disk', transport: 'pci-legacy' } }]],
    ['PCI transitional', [{ 'virtio-blk': { image: 'disk', transport: 'pci-transitional' } }]],
    ['MMIO 1', [{ 'virtio-blk': { image: 'disk', transport: 'mmio', version: 1 } }]],
    [
      'MMIO 2, with a second disk',
      [
        { 'virtio-blk': { image: 'disk', transport: 'mmio' } },
        { 'virtio-blk': { image: { zeros: '64 MiB' }, transport: 'mmio', queueSize: 64 } },
      ],
    ],
    [
      'PCI modern that insists on bit 33',
      [{ 'virtio-blk': { image: 'disk', accessPlatform: true } }],
    ],
    [
      'PCI modern that offers packed rings, and neither indirect descriptors nor event indices',
      [{ 'virtio-blk': { image: 'disk', ring: RINGS } }],
    ],
    ['MMIO 2 that does so', [{ 'virtio-blk': { image: 'disk', transport: 'mmio', ring: RINGS } }]],
    [
      'MMIO 2 that insists on bit 33',
      [{ 'virtio-blk': { image: 'disk', transport: 'mmio', accessPlatform: true } }],
    ],
  ];
  test.for(
    PROFILES.flatMap((profile) => disks.map(([name, devices]) => ({ profile, name, devices }))),
  )('one scenario, both machines: $name, $profile', async ({ profile, devices }) => {
    using image = new ImageFile(demoDisk());
    const named = devices.map((device) =>
      'virtio-blk' in device && device['virtio-blk'].image === 'disk'
        ? { 'virtio-blk': { ...device['virtio-blk'], image: image.path } }
        : device,
    );
    const input = (kind: 'emulated' | 'qemu'): ScenarioInput => ({
      machine: { kind, memory: '64 MiB', devices: named },
      firmware: { profile, standIns: { '\\EFI\\BOOT\\BOOTX64.EFI': osLoader } },
      expect: [{ outcome: 'boot-services-exited' }, { console: KERNEL_TEXT.trim() }],
    });
    for (const kind of ['emulated', 'qemu'] as const) {
      const { outcome, expectations } = await bootScenario(defineScenario(input(kind)));
      expect([kind, outcome.kind, expectations.map(({ held }) => held)]).toEqual([
        kind,
        'boot-services-exited',
        [true, true],
      ]);
    }
  });

  test.for([['pci-modern'], ['mmio']] as const)(
    'a driver that leaves bit 33 out is refused on both machines, and the report says so: %s',
    async ([transport]) => {
      const device = { image: { zeros: '1 MiB' }, transport, accessPlatform: true } as const;
      for (const kind of ['emulated', 'qemu'] as const) {
        const { outcome, troubles } = await bootScenario(
          defineScenario({
            machine: { kind, memory: '64 MiB', devices: [{ 'virtio-blk': device }] },
            firmware: {
              drivers: ['ovmf', virtioBlkDxeWith({ declined: VIRTIO_F_ACCESS_PLATFORM })],
            },
          }),
        );
        expect([kind, outcome.kind]).toEqual([kind, 'stopped']);
        expect(troubles.map(({ driver, reason }) => `${driver}: ${reason}`)).toContainEqual(
          expect.stringMatching(
            /^VirtioBlkDxe: EFI_UNSUPPORTED: the device refuses the features 0x1[0-9a-f]{8}$/,
          ),
        );
      }
    },
  );

  test.for([
    [{ 'pci-bridge': {} }, 'a bridge exists only on the emulated machine'],
    [
      { 'virtio-blk': { image: { zeros: '1 MiB' }, latency: '1 ms' } },
      "QEMU's disk has no latency",
    ],
    [
      {
        'virtio-blk': {
          image: { zeros: '1 MiB' },
          ring: {
            inOrder: true,
            notificationData: false,
            completion: 'each',
            notifyWhileBusy: false,
          },
        },
      },
      "QEMU's rings have no inOrder, completion, notifyWhileBusy",
    ],
    [
      { 'virtio-blk': { image: { zeros: '1 MiB' }, transport: 'mmio' } },
      "no machine of QEMU's has devices on MMIO of version 2 beside PCI",
    ],
  ] as const)('what QEMU does not have is said where it stands', async ([device, message]) => {
    const first = { 'virtio-blk': { image: { zeros: '1 MiB' } } } as const;
    const scenario = defineScenario({ machine: { kind: 'qemu', devices: [first, device] } });
    await expect(bootScenario(scenario)).rejects.toThrow(message);
  });

  test('nor is there private memory', async () => {
    const scenario = defineScenario({ machine: { kind: 'qemu', privateMemory: true } });
    await expect(bootScenario(scenario)).rejects.toThrow('no private memory');
  });

  test('a QEMU that is not installed is said where the scenario asks for it', async () => {
    const scenario = defineScenario({ machine: { kind: 'qemu' } });
    const missing = (): never => {
      throw new Error('qemu-system-x86_64 is not installed');
    };
    await expect(prepareScenario(scenario, { ...bareHost, findQemu: missing })).rejects.toThrow(
      /machine\.kind.*qemu-system-x86_64 is not installed/,
    );
    await expect(prepareScenario(scenario, bareHost)).rejects.toThrow('no program is started here');
  });
});
