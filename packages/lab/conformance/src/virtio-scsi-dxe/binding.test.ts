import {
  ComponentName2Protocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EVT_SIGNAL_EXIT_BOOT_SERVICES,
  ExtScsiPassThruProtocol,
  TPL_CALLBACK,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import { VirtioPciModern } from '@dxelab/virtio-devices';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { virtioScsiDxe } from '@dxelab/virtio-scsi-dxe';
import { describe, expect, test } from 'vitest';
import { ThreeQueues } from '../virtio10-dxe/three-queues.fixture.ts';
import { VirtioWorld } from '../virtio10-dxe/virtio-world.fixture.ts';
import { command, ScsiWorld, statusOf, unit } from './scsi-world.fixture.ts';

/** The drivers that have the virtio device of the function open. */
function drivers(world: VirtioWorld): readonly (string | undefined)[] {
  return world.bs
    .openProtocolInformation(world.function, VirtioDeviceProtocol)
    .filter(({ attributes }) => attributes === EFI_OPEN_PROTOCOL_BY_DRIVER)
    .map(({ agentHandle }) => agentHandle && world.core.nameOf(agentHandle));
}

/** A world in which the transport runs, and the host's driver does not. */
function transportOnly(options: ConstructorParameters<typeof ScsiWorld>[0] = {}): ScsiWorld {
  const world = new ScsiWorld(options);
  world.connectRoot(false);
  world.binding('Virtio10Dxe').start(world.function);
  return world;
}

describe.each(PROFILES)('the driver binding of VirtioScsiDxe, %s (UEFI §11.1)', (profile) => {
  test('says who it is', () => {
    const world = new ScsiWorld({ profile });
    const name = world.bs.handleProtocol(world.image('VirtioScsiDxe'), ComponentName2Protocol);
    expect(name.getDriverName('en')).toBe('Virtio SCSI Host Driver');
    expect(world.binding('VirtioScsiDxe').version).toBe(0x10);
    expect(virtioScsiDxe.fileGuid).toBe('fab5d4f4-83c0-4aaf-8480-442d11df6cea');
  });

  test('supports a SCSI host that nobody drives, and leaves no trace', () => {
    const world = transportOnly({ profile });
    const supported = () => world.binding('VirtioScsiDxe').supported(world.function);
    expect(world.during(() => expect(supported()).toBe('EFI_SUCCESS'))).toEqual([]);
    expect(drivers(world)).toEqual([]);
    world.binding('VirtioScsiDxe').start(world.function);
    expect(supported()).toBe('EFI_ALREADY_STARTED');
  });

  test('does not support another device type', () => {
    const world = new VirtioWorld(new VirtioPciModern(new ThreeQueues()), {
      profile,
      modules: [virtio10Dxe, virtioScsiDxe],
    });
    world.connectRoot();
    expect(world.binding('VirtioScsiDxe').supported(world.function)).toBe('EFI_UNSUPPORTED');
    expect(drivers(world)).toEqual([]);
  });

  test.each([
    ['by its configuration: status 0x83', { config: { maxChannel: 1 } }, '83'],
    ['by its queue: status 0x8b', { queueSizes: [8, 8, 2] }, '8b'],
  ])('a Start that fails %s, and gives everything back', (_what, scsi, status) => {
    const world = transportOnly({ profile, scsi });
    const start = () => statusOf(() => world.binding('VirtioScsiDxe').start(world.function));
    start();
    const before = world.freePages();
    const accesses = world.during(() => expect(start()).toBe('EFI_UNSUPPORTED'));
    expect(accesses.at(-1)).toBe(`W8 common+14 = ${status}`);
    expect(drivers(world)).toEqual([]);
    expect(world.freePages()).toBe(before);
    expect(world.has(ExtScsiPassThruProtocol)).toBe(false);
  });

  test('Stop gives back every page and every event, and Start works again', () => {
    const world = new ScsiWorld({ profile });
    const handle = world.connect();
    world.bs.disconnectController(handle);
    const before = world.freePages();
    for (let round = 0; round < 3; round++) {
      world.open().passThru(unit(0), command());
      world.bs.disconnectController(handle);
    }
    expect(world.freePages()).toBe(before);
  });

  test('whoever still has the channel after Stop gets a device error', () => {
    const world = new ScsiWorld({ profile });
    const scsi = world.open();
    // the driver alone: the transport could still start the device
    world.bs.disconnectController(world.function, world.image('VirtioScsiDxe'));
    const accesses = world.during(() => {
      expect(statusOf(() => scsi.passThru(unit(0), command()))).toBe('EFI_DEVICE_ERROR');
    });
    expect(accesses).toEqual([]);
  });

  test('so does whoever comes behind the driver in ExitBootServices', () => {
    const world = new ScsiWorld({ profile });
    const statuses: string[] = [];
    // newer events are signalled before older ones
    world.bs.createEvent(
      EVT_SIGNAL_EXIT_BOOT_SERVICES,
      TPL_CALLBACK,
      () => statuses.push(statusOf(() => scsi.passThru(unit(0), command()))),
      undefined,
    );
    const scsi = world.open();
    world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
    expect(statuses).toEqual(['EFI_DEVICE_ERROR']);
    expect(world.device.requests).toEqual([]);
  });

  test('after ExitBootServices the device makes no DMA', () => {
    const world = new ScsiWorld({ profile });
    world.open().passThru(unit(0), command());
    world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
    const counts = world.machine.dmas.map(({ accesses }) => accesses);
    world.machine.platform.clock.delay(1e9);
    expect(world.machine.dmas.map(({ accesses }) => accesses)).toEqual(counts);
  });
});
