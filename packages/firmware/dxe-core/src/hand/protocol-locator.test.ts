import type { DevicePath, EfiHandle, LocateSearch } from '@dxelab/uefi';
import {
  DevicePathProtocol,
  TPL_NOTIFY,
  appendDevicePathInstance,
  devicePath,
  endDevicePath,
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
  statusOf,
} from './hand-world.fixture.ts';

const ALL: LocateSearch = { type: 'AllHandles' };
const ALPHA: LocateSearch = { type: 'ByProtocol', protocol: AlphaProtocol };

describe.each(PROFILES)(
  'LocateHandle and LocateHandleBuffer (UEFI 2.11 §7.3.6, §7.3.15), %s',
  (profile) => {
    test('AllHandles: in order of creation', () => {
      const world = new HandWorld(profile);
      const [first, second, third] = [world.handle(), world.handle(BetaProtocol), world.handle()];
      expect(world.services.locateHandleBuffer(ALL)).toEqual([first, second, third]);
      world.services.uninstallProtocolInterface(second, BetaProtocol, null);
      expect(world.services.locateHandleBuffer(ALL)).toEqual([first, third]);
    });

    test('ByProtocol: in order of installation, not of creation', () => {
      const world = new HandWorld(profile);
      const [first, second] = [world.handle(BetaProtocol), world.handle(BetaProtocol)];
      world.services.installProtocolInterface(second, AlphaProtocol, null);
      world.services.installProtocolInterface(first, AlphaProtocol, null);
      expect(world.services.locateHandleBuffer(ALPHA)).toEqual([second, first]);
    });

    test('nothing found is EFI_NOT_FOUND, whether the protocol was ever seen or not', () => {
      const world = new HandWorld(profile);
      expect(statusOf(() => world.services.locateHandleBuffer(ALL))).toBe('EFI_NOT_FOUND');
      expect(statusOf(() => world.services.locateHandleBuffer(ALPHA))).toBe('EFI_NOT_FOUND');
      const handle = world.handle();
      world.services.uninstallProtocolInterface(handle, AlphaProtocol, null);
      expect(statusOf(() => world.services.locateHandleBuffer(ALPHA))).toBe('EFI_NOT_FOUND');
    });

    test('an unknown search type is EFI_INVALID_PARAMETER', () => {
      const { services } = new HandWorld(profile);
      const unknown = JSON.parse('{ "type": "ByColour" }');
      expect(statusOf(() => services.locateHandleBuffer(unknown))).toBe('EFI_INVALID_PARAMETER');
    });

    test('ByRegisterNotify: one handle for each call, and each only once', () => {
      const world = new HandWorld(profile);
      const registration = world.services.registerProtocolNotify(
        AlphaProtocol,
        world.noting('new'),
      );
      const search: LocateSearch = { type: 'ByRegisterNotify', searchKey: registration };
      const next = () => world.services.locateHandleBuffer(search);
      expect(statusOf(next)).toBe('EFI_NOT_FOUND');
      const [first, second] = [world.handle(), world.handle()];
      expect(next()).toEqual([first]);
      expect(next()).toEqual([second]);
      expect(statusOf(next)).toBe('EFI_NOT_FOUND');
      const third = world.handle();
      expect(next()).toEqual([third]);
    });
  },
);

describe.each(PROFILES)('RegisterProtocolNotify (UEFI 2.11 §7.3.5), %s', (profile) => {
  test('does not signal for what is there, but finds it first', () => {
    const world = new HandWorld(profile);
    const there = world.handle(AlphaProtocol, { name: 'there' });
    const registration = world.services.registerProtocolNotify(AlphaProtocol, world.noting('new'));
    expect(world.log).toEqual([]);
    const search: LocateSearch = { type: 'ByRegisterNotify', searchKey: registration };
    expect(world.services.locateHandleBuffer(search)).toEqual([there]);
  });

  test('each registration has a position of its own', () => {
    const world = new HandWorld(profile);
    const event = world.noting('new');
    const one = world.services.registerProtocolNotify(AlphaProtocol, event);
    const two = world.services.registerProtocolNotify(AlphaProtocol, event);
    world.handle(AlphaProtocol, { name: 'thing' });
    for (const registration of [one, two]) {
      const found = world.services.locateProtocol(AlphaProtocol, registration);
      expect(found).toEqual({ name: 'thing' });
    }
  });

  test('an interface that goes takes the position one step back', () => {
    const world = new HandWorld(profile);
    const registration = world.services.registerProtocolNotify(AlphaProtocol, world.noting('new'));
    const search: LocateSearch = { type: 'ByRegisterNotify', searchKey: registration };
    const next = () => world.services.locateHandleBuffer(search)[0];
    const [first, second] = [world.handle(), world.handle()];
    expect([next(), next()]).toEqual([first, second]);
    world.services.uninstallProtocolInterface(second, AlphaProtocol, null);
    const third = world.handle();
    expect(next()).toBe(third);
    world.services.uninstallProtocolInterface(first, AlphaProtocol, null);
    world.services.uninstallProtocolInterface(third, AlphaProtocol, null);
    const fourth = world.handle();
    expect(next()).toBe(fourth);
  });

  test('a reinstalled interface is new again', () => {
    const world = new HandWorld(profile);
    const registration = world.services.registerProtocolNotify(AlphaProtocol, world.noting('new'));
    const next = () => world.services.locateProtocol(AlphaProtocol, registration);
    const handle = world.handle(AlphaProtocol, { name: 'old' });
    next();
    world.services.reinstallProtocolInterface(
      handle,
      AlphaProtocol,
      world.services.handleProtocol(handle, AlphaProtocol),
      { name: 'new' },
    );
    expect(next()).toEqual({ name: 'new' });
  });

  test('a closed event, and one of another world, is EFI_INVALID_PARAMETER', () => {
    const world = new HandWorld(profile);
    const closed = world.noting('closed');
    world.events.closeEvent(closed);
    for (const event of [closed, new HandWorld(profile).noting('foreign')]) {
      const register = () => world.services.registerProtocolNotify(AlphaProtocol, event);
      expect(statusOf(register)).toBe('EFI_INVALID_PARAMETER');
    }
  });

  test('CloseEvent ends all registrations of the event', () => {
    const world = new HandWorld(profile);
    const event = world.noting('new');
    const alpha = world.services.registerProtocolNotify(AlphaProtocol, event);
    const beta = world.services.registerProtocolNotify(BetaProtocol, event);
    world.events.closeEvent(event);
    world.handle();
    world.handle(BetaProtocol);
    expect(world.log).toEqual([]);
    for (const registration of [alpha, beta]) {
      const search: LocateSearch = { type: 'ByRegisterNotify', searchKey: registration };
      expect(statusOf(() => world.services.locateHandleBuffer(search))).toBe(
        'EFI_INVALID_PARAMETER',
      );
    }
  });

  test('notifications can locate, install and register: the lock is free', () => {
    const world = new HandWorld(profile);
    const found: EfiHandle[] = [];
    const event = world.events.createEvent(
      0x200,
      TPL_NOTIFY,
      () => {
        const search: LocateSearch = { type: 'ByRegisterNotify', searchKey: registration };
        found.push(...world.services.locateHandleBuffer(search));
        if (found.length < 3) world.handle();
      },
      null,
    );
    const registration = world.services.registerProtocolNotify(AlphaProtocol, event);
    const first = world.handle();
    expect(found.map(({ number }) => number)).toEqual([first.number, 2, 3]);
  });
});

describe.each(PROFILES)('LocateProtocol (UEFI 2.11 §7.3.16), %s', (profile) => {
  test('finds the oldest interface', () => {
    const world = new HandWorld(profile);
    const handle = world.handle(AlphaProtocol, { name: 'first' });
    world.handle(AlphaProtocol, { name: 'second' });
    const locate = () => world.services.locateProtocol(AlphaProtocol);
    expect(locate()).toEqual({ name: 'first' });
    expect(locate()).toEqual({ name: 'first' });
    world.services.uninstallProtocolInterface(handle, AlphaProtocol, locate());
    expect(locate()).toEqual({ name: 'second' });
  });

  test('nobody has it: EFI_NOT_FOUND', () => {
    const { services } = new HandWorld(profile);
    expect(statusOf(() => services.locateProtocol(AlphaProtocol))).toBe('EFI_NOT_FOUND');
  });

  test('with a registration, the next new interface', () => {
    const world = new HandWorld(profile);
    const registration = world.services.registerProtocolNotify(AlphaProtocol, world.noting('new'));
    const next = () => world.services.locateProtocol(AlphaProtocol, registration);
    world.handle(AlphaProtocol, { name: 'first' });
    world.handle(AlphaProtocol, { name: 'second' });
    expect([next(), next()]).toEqual([{ name: 'first' }, { name: 'second' }]);
    expect(statusOf(next)).toBe('EFI_NOT_FOUND');
  });

  test('a registration for another protocol or of another world is EFI_INVALID_PARAMETER', () => {
    const world = new HandWorld(profile);
    const beta = world.services.registerProtocolNotify(BetaProtocol, world.noting('new'));
    const other = new HandWorld(profile);
    const foreign = other.services.registerProtocolNotify(AlphaProtocol, other.noting('new'));
    world.handle();
    for (const registration of [beta, foreign]) {
      const locate = () => world.services.locateProtocol(AlphaProtocol, registration);
      expect(statusOf(locate)).toBe('EFI_INVALID_PARAMETER');
    }
  });
});

describe.each(PROFILES)('ProtocolsPerHandle (UEFI 2.11 §7.3.14), %s', (profile) => {
  test('lists the GUIDs, newest first', () => {
    const world = new HandWorld(profile);
    const handle = world.handle();
    world.services.installProtocolInterface(handle, GammaProtocol, null);
    world.services.installProtocolInterface(handle, BetaProtocol, null);
    expect(world.services.protocolsPerHandle(handle)).toEqual([
      BetaProtocol.guid,
      GammaProtocol.guid,
      AlphaProtocol.guid,
    ]);
  });

  test('a stale handle is EFI_INVALID_PARAMETER', () => {
    const world = new HandWorld(profile);
    const handle = world.handle();
    world.services.uninstallProtocolInterface(handle, AlphaProtocol, null);
    expect(statusOf(() => world.services.protocolsPerHandle(handle))).toBe('EFI_INVALID_PARAMETER');
  });
});

describe.each(PROFILES)('LocateDevicePath (UEFI 2.11 §7.3.8), %s', (profile) => {
  const [a, b, c] = [pciNode(1, 0), pciNode(2, 0), pciNode(3, 0)];
  const alpha = protocolInterface(AlphaProtocol, null);
  const on = (world: HandWorld, path: DevicePath, ...others: (typeof alpha)[]) =>
    world.handleWith(protocolInterface(DevicePathProtocol, path), ...others);

  test('the longest path that begins the given one wins, and the rest is returned', () => {
    const world = new HandWorld(profile);
    on(world, devicePath(a), alpha);
    const longest = on(world, devicePath(a, b), alpha);
    on(world, devicePath(a, c), alpha);
    on(world, devicePath(a, b, c, c), alpha);
    expect(world.services.locateDevicePath(AlphaProtocol, devicePath(a, b, c))).toEqual({
      handle: longest,
      remaining: devicePath(c),
    });
  });

  test('a handle without the protocol does not count, nor one without a path', () => {
    const world = new HandWorld(profile);
    const short = on(world, devicePath(a), alpha);
    on(world, devicePath(a, b));
    world.handle();
    const found = world.services.locateDevicePath(AlphaProtocol, devicePath(a, b));
    expect(found).toEqual({ handle: short, remaining: devicePath(b) });
  });

  test('the whole path leaves an End node', () => {
    const world = new HandWorld(profile);
    const handle = on(world, devicePath(a), alpha);
    const found = world.services.locateDevicePath(AlphaProtocol, devicePath(a));
    expect(found).toEqual({ handle, remaining: endDevicePath() });
  });

  test('an empty path begins every other', () => {
    const world = new HandWorld(profile);
    const root = on(world, endDevicePath(), alpha);
    const found = world.services.locateDevicePath(AlphaProtocol, devicePath(a));
    expect(found).toEqual({ handle: root, remaining: devicePath(a) });
  });

  test('only the first instance of a path is looked at, but the rest has them all', () => {
    const world = new HandWorld(profile);
    const handle = on(world, devicePath(a), alpha);
    const path = appendDevicePathInstance(devicePath(a, b), devicePath(c));
    const { remaining } = world.services.locateDevicePath(AlphaProtocol, path);
    expect(remaining).toEqual(appendDevicePathInstance(devicePath(b), devicePath(c)));
    on(world, path, alpha);
    expect(world.services.locateDevicePath(AlphaProtocol, path).handle).toBe(handle);
  });

  test('of two handles with one path, who got the protocol first', () => {
    const world = new HandWorld(profile);
    const [late, early] = [world.handle(BetaProtocol), world.handle(BetaProtocol)];
    for (const handle of [late, early]) {
      world.services.installProtocolInterface(handle, DevicePathProtocol, devicePath(a));
    }
    for (const handle of [early, late]) {
      world.services.installProtocolInterface(handle, AlphaProtocol, null);
    }
    expect(world.services.locateDevicePath(AlphaProtocol, devicePath(a)).handle).toBe(early);
  });

  test('no match, and no handle with the protocol, are EFI_NOT_FOUND', () => {
    const world = new HandWorld(profile);
    const locate = () => world.services.locateDevicePath(AlphaProtocol, devicePath(a));
    on(world, devicePath(a));
    expect(statusOf(locate)).toBe('EFI_NOT_FOUND');
    on(world, devicePath(b), alpha);
    expect(statusOf(locate)).toBe('EFI_NOT_FOUND');
  });

  test('a malformed path is EFI_INVALID_PARAMETER to look for, and is nobody’s', () => {
    const world = new HandWorld(profile);
    on(world, new Uint8Array([1, 2, 3]), alpha);
    on(world, new Uint8Array([1, 1, 0, 0, 0x7f, 0xff, 4, 0]), alpha);
    const locate = (path: DevicePath) => () => world.services.locateDevicePath(AlphaProtocol, path);
    expect(statusOf(locate(new Uint8Array([1, 2, 3])))).toBe('EFI_INVALID_PARAMETER');
    expect(statusOf(locate(devicePath(a)))).toBe('EFI_NOT_FOUND');
  });
});
