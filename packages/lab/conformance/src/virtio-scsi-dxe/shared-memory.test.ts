import { EFI_EXT_SCSI_DATA_DIRECTION_BIDIRECTIONAL, ExtScsiPassThruProtocol } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { virtioScsiDxe } from '@dxelab/virtio-scsi-dxe';
import { describe, expect, test } from 'vitest';
import { FailingDma } from './failing-dma.fixture.ts';
import { command, ScsiWorld, statusOf, unit } from './scsi-world.fixture.ts';

const SHARING = new Set(['allocateSharedPages', 'mapSharedBuffer']);
const UNMAPPING = new Set(['unmapSharedBuffer']);

function world(profile: 'specification' | 'edk2') {
  const dma = new FailingDma();
  dma.failing = SHARING;
  const modules = [virtio10Dxe, dma.wrap(virtioScsiDxe)];
  return { dma, world: new ScsiWorld({ profile, modules }) };
}

/** A command with everything that can be mapped. */
function bothWays() {
  return command({
    dataDirection: EFI_EXT_SCSI_DATA_DIRECTION_BIDIRECTIONAL,
    inDataBuffer: new Uint8Array(5000),
    inTransferLength: 5000,
    outDataBuffer: new Uint8Array(24),
    outTransferLength: 24,
    senseDataLength: 18,
  });
}

/** Runs `body` with one success more each time, until it succeeds. @returns how often it failed */
function failingEverywhere(dma: FailingDma, body: () => string, failed: () => void): number {
  for (let successes = 0; ; successes++) {
    dma.left = successes;
    const status = body();
    dma.left = Infinity;
    if (status === 'EFI_SUCCESS') return successes;
    failed();
  }
}

describe.each(PROFILES)('memory that cannot be shared with the device, %s', (profile) => {
  test('Start fails wherever it is missing, and keeps nothing', () => {
    const { dma, world: lab } = world(profile);
    lab.connectRoot(false);
    lab.binding('Virtio10Dxe').start(lab.function);
    const driver = lab.binding('VirtioScsiDxe');
    const failures = failingEverywhere(
      dma,
      () => statusOf(() => driver.start(lab.function)),
      () => expect([dma.pages, dma.mappings]).toEqual([0, 0]),
    );
    // the ring; of the control queue the ring, too, and a page each for requests and functions
    expect(failures).toBe(profile === 'edk2' ? 2 : 8);
    driver.stop(lab.function, []);
    expect([dma.pages, dma.mappings]).toEqual([0, 0]);
    expect(lab.has(ExtScsiPassThruProtocol)).toBe(false);
  });

  test('PassThru is a device error wherever it is missing, and keeps nothing', () => {
    const { dma, world: lab } = world(profile);
    const scsi = lab.open();
    const { pages, mappings } = dma;
    let packet = bothWays();
    const failures = failingEverywhere(
      dma,
      () => {
        packet = bothWays();
        return statusOf(() => scsi.passThru(unit(0), packet));
      },
      () => {
        expect(packet).toMatchObject({
          inTransferLength: 0,
          outTransferLength: 0,
          hostAdapterStatus: 0x7f,
          targetStatus: 0,
          senseDataLength: 0,
        });
        expect([dma.pages, dma.mappings]).toEqual([pages, mappings]);
      },
    );
    expect(failures).toBe(profile === 'edk2' ? 6 : 2);
    expect(lab.device.requests).toHaveLength(1);
  });

  test('incoming data that cannot be unmapped', () => {
    const { dma, world: lab } = world(profile);
    const scsi = lab.open();
    dma.failing = UNMAPPING;
    dma.left = 0;
    const packet = bothWays();
    // OVMF has them in a buffer of its own, where they are safe
    const status = profile === 'edk2' ? 'EFI_SUCCESS' : 'EFI_DEVICE_ERROR';
    expect(statusOf(() => scsi.passThru(unit(0), packet))).toBe(status);
    expect(packet.inTransferLength).toBe(profile === 'edk2' ? 5000 : 0);
  });
});

test('edk2: a request for which there is no pool leaves its packet as it is', () => {
  const { dma, world: lab } = world('edk2');
  const scsi = lab.open();
  dma.failing = new Set(['allocatePool']);
  dma.left = 0;
  const packet = bothWays();
  expect(statusOf(() => scsi.passThru(unit(0), packet))).toBe('EFI_OUT_OF_RESOURCES');
  expect(packet).toEqual(bothWays());
});
