import type { ScsiLogicalUnit } from '@dxelab/scsi-targets';
import { ScsiCdRom, ScsiDisk } from '@dxelab/scsi-targets';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import {
  MemoryBackend,
  OverlayBackend,
  VirtioMmio,
  VirtioPciLegacy,
  VirtioPciModern,
  VirtioPciTransitional,
  VirtioScsi,
} from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import { BootWorld } from '../boot/boot-world.fixture.ts';
import { demoDisk } from '../boot/demo-disk.fixture.ts';
import { application, bootOs } from '../boot/programs.fixture.ts';
import { missingTools } from '../partition-dxe/disk-tools.fixture.ts';
import { bootDisc } from './boot-disc.fixture.ts';

const PCI = 'PciRoot(0x0)/Pci(0x2,0x0)';
/** The last slot, at 0xFEB02E00. */
const MMIO = 'VenHw(837dca9e-e874-4d82-b29a-23fe0e23d1e2,002eb0fe00000000)';

/** Where the one unit stands: flat addressing, target 1. */
const PLACE = 'Scsi(0x1,0x5)';

const TRANSPORTS = [
  ['PCI legacy', PCI, (host: VirtioScsi) => new VirtioPciLegacy(host)],
  ['PCI modern', PCI, (host: VirtioScsi) => new VirtioPciModern(host)],
  ['PCI transitional', PCI, (host: VirtioScsi) => new VirtioPciTransitional(host)],
  ['MMIO version 1', MMIO, (host: VirtioScsi) => new VirtioMmio(host, { version: 1 })],
  ['MMIO version 2', MMIO, (host: VirtioScsi) => new VirtioMmio(host, { version: 2 })],
] as const;

/** Boots a machine whose only disk is this unit, to the end of boot services. */
function boot(
  profile: Profile,
  unit: ScsiLogicalUnit,
  plug: (typeof TRANSPORTS)[number][2],
): BootWorld {
  const device = plug(new VirtioScsi({ units: [{ target: 1, lun: 5, unit }] }));
  const place =
    device instanceof VirtioMmio ? { slots: {}, mmio: [device] } : { slots: { '02.0': device } };
  const world = new BootWorld({ profile, ...place, standIn: application(bootOs) });
  world.bootTo('boot-services-exited');
  return world;
}

describe.each(PROFILES)('the demonstration disk boots behind a SCSI host, %s', (profile) => {
  test.each(TRANSPORTS)('%s', (_name, path, plug) => {
    const backend = new OverlayBackend(new MemoryBackend(demoDisk(), { readOnly: true }));
    const world = boot(profile, new ScsiDisk({ backend }), plug);
    expect(world.console).toContain('This is where an operating system would begin.');
    const tree = world.deviceTree.map((line) => line.split(' ')[0]);
    expect(tree).toContain(`${path}/${PLACE}:`);
    expect(tree).toContainEqual(expect.stringContaining(`${path}/${PLACE}/HD(1,GPT,`));
    expect(world.findings).toEqual([]);
  });
});

const MISSING = missingTools();
const why = MISSING === undefined ? '' : ` ${MISSING}`;
const DISC = MISSING === undefined ? bootDisc() : new Uint8Array(0);

describe.skipIf(MISSING !== undefined)(`a disc by xorriso boots through El Torito${why}`, () => {
  describe.each(PROFILES)('%s', (profile) => {
    test.each(TRANSPORTS)('%s', (_name, path, plug) => {
      const backend = new MemoryBackend(DISC, { readOnly: true });
      const world = boot(profile, new ScsiCdRom({ backend }), plug);
      expect(world.console).toContain('This is where an operating system would begin.');
      const tree = world.deviceTree.map((line) => line.split(' ')[0]);
      expect(tree).toContainEqual(expect.stringContaining(`${path}/${PLACE}/CDROM(`));
      expect(world.findings).toEqual([]);
    });
  });
});
