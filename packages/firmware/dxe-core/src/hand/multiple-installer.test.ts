import type { DevicePath } from '@dxelab/uefi';
import {
  DevicePathProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  TPL_NOTIFY,
  devicePath,
  pciNode,
  protocolInterface,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import {
  AlphaProtocol,
  BetaProtocol,
  GammaProtocol,
  HandWorld,
  errorOf,
  failure,
  statusOf,
} from './hand-world.fixture.ts';

const alpha = protocolInterface(AlphaProtocol, { name: 'alpha' });
const beta = protocolInterface(BetaProtocol, { name: 'beta' });
const gamma = protocolInterface(GammaProtocol, { name: 'gamma' });
const path = (device: number): DevicePath => devicePath(pciNode(device, 0));

describe.each(PROFILES)('InstallMultipleProtocolInterfaces (UEFI 2.11 §7.3.17), %s', (profile) => {
  test('installs all of them on one new handle', () => {
    const { services } = new HandWorld(profile);
    const handle = services.installMultipleProtocolInterfaces(undefined, alpha, beta);
    expect(services.protocolsPerHandle(handle)).toEqual([BetaProtocol.guid, AlphaProtocol.guid]);
  });

  test('installs on a handle that exists', () => {
    const { services } = new HandWorld(profile);
    const handle = services.installMultipleProtocolInterfaces(undefined, alpha);
    expect(services.installMultipleProtocolInterfaces(handle, beta, gamma)).toBe(handle);
    expect(services.protocolsPerHandle(handle)).toHaveLength(3);
  });

  test('nothing to install leaves a handle alone; without a handle there is none to return', () => {
    const { services } = new HandWorld(profile);
    const handle = services.installMultipleProtocolInterfaces(undefined, alpha);
    expect(services.installMultipleProtocolInterfaces(handle)).toBe(handle);
    expect(statusOf(() => services.installMultipleProtocolInterfaces(undefined))).toBe(
      'EFI_INVALID_PARAMETER',
    );
  });

  test('notifications run when the whole set is there', () => {
    const world = new HandWorld(profile);
    const seen: string[][] = [];
    const event = world.events.createEvent(
      0x200,
      TPL_NOTIFY,
      () => {
        const [handle] = world.services.locateHandleBuffer({ type: 'AllHandles' });
        if (handle !== undefined) seen.push([...world.services.protocolsPerHandle(handle)]);
      },
      null,
    );
    world.services.registerProtocolNotify(AlphaProtocol, event);
    world.services.installMultipleProtocolInterfaces(undefined, alpha, beta);
    expect(seen).toEqual([[BetaProtocol.guid, AlphaProtocol.guid]]);
  });

  test('the first failure is reported, and what was installed goes again', () => {
    const { services } = new HandWorld(profile);
    const handle = services.installMultipleProtocolInterfaces(undefined, gamma);
    const install = () => services.installMultipleProtocolInterfaces(handle, alpha, beta, gamma);
    expect(statusOf(install)).toBe('EFI_INVALID_PARAMETER');
    expect(services.protocolsPerHandle(handle)).toEqual([GammaProtocol.guid]);
  });

  test('a failure takes a new handle with it', () => {
    const { services } = new HandWorld(profile);
    const install = () => services.installMultipleProtocolInterfaces(undefined, alpha, alpha);
    expect(statusOf(install)).toBe('EFI_INVALID_PARAMETER');
    expect(statusOf(() => services.locateHandleBuffer({ type: 'AllHandles' }))).toBe(
      'EFI_NOT_FOUND',
    );
  });

  test('a device path that is installed anywhere is EFI_ALREADY_STARTED', () => {
    const { services } = new HandWorld(profile);
    const first = protocolInterface(DevicePathProtocol, path(1));
    const same = protocolInterface(DevicePathProtocol, path(1));
    services.installMultipleProtocolInterfaces(undefined, first);
    const error = errorOf(() => services.installMultipleProtocolInterfaces(undefined, alpha, same));
    expect(error?.status).toBe('EFI_ALREADY_STARTED');
    expect(error?.message).toContain('handle 1 has this one');
    expect(services.database.isInstalled(AlphaProtocol.guid)).toBe(false);
  });

  test('another path, a longer path, and one that is gone are no obstacle', () => {
    const { services } = new HandWorld(profile);
    const one = protocolInterface(DevicePathProtocol, path(1));
    const handle = services.installMultipleProtocolInterfaces(undefined, one);
    const longer = devicePath(pciNode(1, 0), pciNode(1, 0));
    for (const other of [path(2), longer]) {
      const pair = protocolInterface(DevicePathProtocol, other);
      services.installMultipleProtocolInterfaces(undefined, pair);
    }
    services.uninstallMultipleProtocolInterfaces(handle, one);
    services.installMultipleProtocolInterfaces(undefined, one);
    expect(services.database.handles()).toHaveLength(3);
  });

  test('a path that was replaced by ReinstallProtocolInterface is free again', () => {
    const { services } = new HandWorld(profile);
    const [one, two] = [path(1), path(2)];
    const handle = services.installProtocolInterface(undefined, DevicePathProtocol, one);
    services.reinstallProtocolInterface(handle, DevicePathProtocol, one, two);
    const again = (taken: DevicePath) => () =>
      services.installMultipleProtocolInterfaces(
        undefined,
        protocolInterface(DevicePathProtocol, taken),
      );
    expect(statusOf(again(path(1)))).toBe('EFI_SUCCESS');
    expect(statusOf(again(path(2)))).toBe('EFI_ALREADY_STARTED');
  });

  test('InstallProtocolInterface does not look (§7.3.2)', () => {
    const { services } = new HandWorld(profile);
    services.installProtocolInterface(undefined, DevicePathProtocol, path(1));
    const install = () => services.installProtocolInterface(undefined, DevicePathProtocol, path(1));
    expect(statusOf(install)).toBe('EFI_SUCCESS');
  });
});

describe.each(PROFILES)(
  'UninstallMultipleProtocolInterfaces (UEFI 2.11 §7.3.18), %s',
  (profile) => {
    test('removes all; the handle goes with the last', () => {
      const { services } = new HandWorld(profile);
      const handle = services.installMultipleProtocolInterfaces(undefined, alpha, beta);
      services.uninstallMultipleProtocolInterfaces(handle, alpha, beta);
      expect(services.database.isHandle(handle)).toBe(false);
    });

    test('any failure is EFI_INVALID_PARAMETER, and those removed come back as newest', () => {
      const world = new HandWorld(profile);
      const handle = world.handleWith(alpha, beta);
      const agent = world.handle(GammaProtocol);
      const by = EFI_OPEN_PROTOCOL_BY_DRIVER;
      world.services.openProtocol(handle, BetaProtocol, agent, handle, by);
      world.services.registerProtocolNotify(AlphaProtocol, world.noting('notified'));
      const error = errorOf(() =>
        world.services.uninstallMultipleProtocolInterfaces(handle, alpha, beta),
      );
      expect(error?.status).toBe('EFI_INVALID_PARAMETER');
      expect(
        errorOf(() => {
          throw error?.cause;
        })?.status,
      ).toBe('EFI_ACCESS_DENIED');
      expect(world.services.protocolsPerHandle(handle)).toEqual([
        AlphaProtocol.guid,
        BetaProtocol.guid,
      ]);
      expect(world.log).toEqual(['notified@8']);
    });

    test('a stale handle is EFI_INVALID_PARAMETER', () => {
      const { services } = new HandWorld(profile);
      const handle = services.installMultipleProtocolInterfaces(undefined, alpha);
      services.uninstallMultipleProtocolInterfaces(handle, alpha);
      const uninstall = () => services.uninstallMultipleProtocolInterfaces(handle, alpha);
      expect(statusOf(uninstall)).toBe('EFI_INVALID_PARAMETER');
    });

    test('a driver’s failure does not keep the others from coming back', () => {
      const world = new HandWorld(profile);
      const handle = world.handleWith(beta, alpha);
      world.driver({
        name: 'StubbornDxe',
        stop() {
          throw failure('EFI_DEVICE_ERROR');
        },
      });
      world.services.connectController(handle);
      const uninstall = () =>
        world.services.uninstallMultipleProtocolInterfaces(handle, beta, alpha);
      expect(statusOf(uninstall)).toBe('EFI_INVALID_PARAMETER');
      expect(world.services.protocolsPerHandle(handle)).toContain(BetaProtocol.guid);
    });
  },
);

describe('UninstallMultipleProtocolInterfaces that fails with the handle empty', () => {
  const uninstallTooMuch = (profile: 'specification' | 'edk2'): boolean => {
    const { services } = new HandWorld(profile);
    const handle = services.installMultipleProtocolInterfaces(undefined, alpha);
    const uninstall = () => services.uninstallMultipleProtocolInterfaces(handle, alpha, beta);
    expect(statusOf(uninstall)).toBe('EFI_INVALID_PARAMETER');
    return services.database.isHandle(handle);
  };

  test('specification: what was removed is reinstalled on the same handle', () => {
    expect(uninstallTooMuch('specification')).toBe(true);
  });

  test('edk2: the handle is gone (quirk UninstallMultipleLosesHandle)', () => {
    expect(uninstallTooMuch('edk2')).toBe(false);
  });
});
