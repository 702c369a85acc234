import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findQemu, openDisk } from '@dxelab/node-host';
import type {
  BootReport,
  DeviceInput,
  DriverRingInput,
  Host,
  ScenarioInput,
} from '@dxelab/scenario';
import { boot, defineScenario, prepareScenario } from '@dxelab/scenario';
import { guid } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import type { RingOptions } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import { ImageFile } from '../qemu-machine/image-file.fixture.ts';
import { whyNoQemu } from '../qemu-machine/qemu-world.fixture.ts';
import { ALL_RIGHT, DISK, useDevices } from './use-devices.fixture.ts';

/** Why the tests on QEMU are skipped; it stands in their title. */
const skip = whyNoQemu();

const host: Host = {
  resolve: (base, path) => resolve(dirname(base), path),
  openDisk: (path, { writable }) => openDisk(path, writable),
  loadModule: (path) => import(/* @vite-ignore */ pathToFileURL(path).href),
  findQemu,
};

interface Transport {
  readonly name: string;
  readonly at: { readonly transport: 'pci-legacy' | 'pci-modern' | 'pci-transitional' | 'mmio' };
  readonly version?: 1 | 2;
}

const TRANSPORTS: readonly Transport[] = [
  { name: 'PCI legacy', at: { transport: 'pci-legacy' } },
  { name: 'PCI modern', at: { transport: 'pci-modern' } },
  { name: 'PCI transitional', at: { transport: 'pci-transitional' } },
  { name: 'MMIO 1', at: { transport: 'mmio' }, version: 1 },
  { name: 'MMIO 2', at: { transport: 'mmio' }, version: 2 },
];

const isWide = ({ name }: Transport): boolean => !/legacy|MMIO 1/.test(name);

/** A disk behind each driver, and a source of entropy. */
function devices({ at, version }: Transport, image: string, ring: RingOptions): DeviceInput[] {
  const where = { ...at, ...(version === undefined ? {} : { version }), ring };
  return [
    { 'virtio-blk': { ...where, image } },
    { 'virtio-scsi': { ...where, units: [{ disk: { image } }] } },
    { 'virtio-rng': where },
  ];
}

interface Asked {
  readonly kind: 'emulated' | 'qemu';
  readonly transport: Transport;
  readonly offers?: RingOptions;
  readonly rings?: DriverRingInput | 'all' | undefined;
  readonly profile?: 'specification' | 'edk2';
}

async function bootWith(asked: Asked): Promise<BootReport> {
  const { kind, transport, offers = {}, rings, profile = 'specification' } = asked;
  using image = new ImageFile(DISK);
  const input: ScenarioInput = {
    machine: {
      kind,
      memory: '64 MiB',
      devices: devices(transport, image.path, isWide(transport) ? offers : {}),
    },
    firmware: {
      profile,
      drivers: ['ovmf', useDevices],
      rings:
        rings === undefined
          ? undefined
          : { VirtioBlkDxe: rings, VirtioScsiDxe: rings, VirtioRngDxe: rings },
    },
    steps: [{ connect: 'all' }],
    expect: [{ outcome: 'completed' }, { findings: 'none' }],
  };
  const prepared = await prepareScenario(defineScenario(input), host);
  try {
    return boot(prepared);
  } finally {
    prepared.close();
  }
}

/** What the module said, and on which rings the three drivers are. */
function resultsOf(report: BootReport): unknown {
  const said = report.debug.filter(({ module }) => module === 'UseDevices');
  return {
    outcome: report.outcome.kind,
    said: said.map(({ message }) => message).toSorted(),
    rings: [...new Set(report.handles.flatMap(({ virtio }) => virtio?.ring ?? []))],
    held: report.expectations.every(({ held }) => held),
  };
}

const right = (ring: string): unknown => ({
  outcome: 'completed',
  said: ALL_RIGHT,
  rings: [ring],
  held: true,
});

const SHOWS_IN_MEMORY = 'indirect, event indices';

const MACHINES = [
  { kind: 'emulated', name: 'the emulated machine', why: undefined },
  { kind: 'qemu', name: `QEMU ${skip ?? ''}`, why: skip },
] as const;

for (const { kind, name: machine, why } of MACHINES) {
  describe.skipIf(why !== undefined)(`rings in a scenario, on ${machine}`, () => {
    describe.each(TRANSPORTS)('$name', (transport) => {
      test.each(PROFILES)('%s: those of OVMF, if nobody asks', async (profile) => {
        expect(resultsOf(await bootWith({ kind, transport, profile }))).toEqual(right('split'));
      });

      test('split, with all that is to be had', async () => {
        const report = await bootWith({ kind, transport, rings: 'all' });
        const more = isWide(transport) ? ', reset' : '';
        expect(resultsOf(report)).toEqual(right(`split, ${SHOWS_IN_MEMORY}${more}`));
      });

      test('packed, where the transport can say so', async () => {
        const rings = { packed: true, eventIdx: true, lengthWithoutWrite: kind === 'qemu' };
        const report = await bootWith({ kind, transport, offers: { packed: true }, rings });
        const ring = isWide(transport) ? 'packed, event indices' : 'split, event indices';
        expect(resultsOf(report)).toEqual(right(ring));
      });

      test('edk2: its transports have no more than 32 features for rings', async () => {
        const offers = { packed: true };
        const report = await bootWith({ kind, transport, offers, rings: 'all', profile: 'edk2' });
        expect(resultsOf(report)).toEqual(right(`split, ${SHOWS_IN_MEMORY}`));
      });
    });
  });
}

describe.each(TRANSPORTS)('what only the emulated machine has, $name', (transport) => {
  const kind = 'emulated';
  const last = isWide(transport) ? ', notification data, reset' : '';

  test.each([[false], [true]])('in order, packed: %s', async (packed) => {
    const offers = { packed, inOrder: true, notificationData: true };
    const report = await bootWith({ kind, transport, offers, rings: 'all' });
    const wide = `${packed ? 'packed' : 'split'}, in order, `;
    expect(resultsOf(report)).toEqual(
      right(`${isWide(transport) ? wide : 'split, '}${SHOWS_IN_MEMORY}${last}`),
    );
  });
});

describe('rings of drivers that do not run', () => {
  const prepare = (firmware: ScenarioInput['firmware']) =>
    prepareScenario(defineScenario({ firmware }), host);

  test('without ovmf there is none', async () => {
    await expect(prepare({ drivers: [], rings: { VirtioRngDxe: 'all' } })).rejects.toThrow(
      "rings of VirtioRngDxe, which does not run: 'ovmf', which has it, is not among the drivers",
    );
  });

  test('one of the user has rings of its own', async () => {
    const fileGuid = guid('11d92dfb-3ca9-4f93-ba2e-4780ed3e03b5');
    const mine = { ...useDevices, fileGuid };
    await expect(
      prepare({ drivers: ['ovmf', mine], rings: { VirtioBlkDxe: { packed: true } } }),
    ).rejects.toThrow('a driver of your own takes its place, and has rings of its own');
  });
});
