import {
  DriverBindingProtocol,
  EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_EXCLUSIVE,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  EFI_OPEN_PROTOCOL_TEST_PROTOCOL,
  TPL_APPLICATION,
  TPL_HIGH_LEVEL,
  TPL_NOTIFY,
  defineProtocol,
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

const THING = { name: 'thing' };
const OTHER = { name: 'other' };

describe.each(PROFILES)('InstallProtocolInterface (UEFI 2.11 §7.3.2), %s', (profile) => {
  test('without a handle it makes one; handles are numbered from 1', () => {
    const { services } = new HandWorld(profile);
    const first = services.installProtocolInterface(undefined, AlphaProtocol, THING);
    const second = services.installProtocolInterface(undefined, AlphaProtocol, THING);
    expect([first.number, second.number]).toEqual([1, 2]);
    expect(services.locateHandleBuffer({ type: 'AllHandles' })).toEqual([first, second]);
  });

  test('with a handle it adds to that one, newest first', () => {
    const { services } = new HandWorld(profile);
    const handle = services.installProtocolInterface(undefined, AlphaProtocol, THING);
    expect(services.installProtocolInterface(handle, BetaProtocol, null)).toBe(handle);
    expect(services.protocolsPerHandle(handle)).toEqual([BetaProtocol.guid, AlphaProtocol.guid]);
  });

  test('a protocol that the handle has is EFI_INVALID_PARAMETER, even with another interface', () => {
    const { services } = new HandWorld(profile);
    const handle = services.installProtocolInterface(undefined, AlphaProtocol, THING);
    const error = errorOf(() => services.installProtocolInterface(handle, AlphaProtocol, OTHER));
    expect(error?.status).toBe('EFI_INVALID_PARAMETER');
    expect(error?.message).toContain('expected a handle without Alpha, handle 1 has it');
    expect(services.handleProtocol(handle, AlphaProtocol)).toBe(THING);
  });

  test('the GUID is the identity, not the token', () => {
    const { services } = new HandWorld(profile);
    const handle = services.installProtocolInterface(undefined, AlphaProtocol, THING);
    const twin = defineProtocol<typeof THING>('AlphaTwin', AlphaProtocol.guid.toUpperCase());
    expect(services.handleProtocol(handle, twin)).toBe(THING);
    expect(statusOf(() => services.installProtocolInterface(handle, twin, OTHER))).toBe(
      'EFI_INVALID_PARAMETER',
    );
  });

  test('a handle of another world is EFI_INVALID_PARAMETER', () => {
    const { services } = new HandWorld(profile);
    services.installProtocolInterface(undefined, AlphaProtocol, THING);
    const foreign = new HandWorld(profile).handle();
    expect(statusOf(() => services.installProtocolInterface(foreign, BetaProtocol, null))).toBe(
      'EFI_INVALID_PARAMETER',
    );
  });

  test('a handle that lost its last protocol is stale, and its number does not come back', () => {
    const { services } = new HandWorld(profile);
    const handle = services.installProtocolInterface(undefined, AlphaProtocol, THING);
    services.uninstallProtocolInterface(handle, AlphaProtocol, THING);
    expect(statusOf(() => services.installProtocolInterface(handle, AlphaProtocol, THING))).toBe(
      'EFI_INVALID_PARAMETER',
    );
    expect(services.installProtocolInterface(undefined, AlphaProtocol, THING).number).toBe(2);
  });

  test('the interface may be null: a tag', () => {
    const { services } = new HandWorld(profile);
    const handle = services.installProtocolInterface(undefined, AlphaProtocol, null);
    expect(services.handleProtocol(handle, AlphaProtocol)).toBeNull();
    services.uninstallProtocolInterface(handle, AlphaProtocol, null);
    expect(services.database.isHandle(handle)).toBe(false);
  });

  test('registered notifications run before it returns, with the lock free', () => {
    const world = new HandWorld(profile);
    world.services.registerProtocolNotify(AlphaProtocol, world.noting('notified'));
    world.services.installProtocolInterface(undefined, BetaProtocol, null);
    expect(world.log).toEqual([]);
    world.handle();
    expect(world.log).toEqual(['notified@8']);
  });

  test('at TPL_NOTIFY they wait until the TPL falls', () => {
    const world = new HandWorld(profile);
    world.services.registerProtocolNotify(AlphaProtocol, world.noting('notified'));
    const tpl = world.events.raiseTpl(TPL_NOTIFY);
    world.handle();
    expect(world.log).toEqual([]);
    world.events.restoreTpl(tpl);
    expect(world.log).toEqual(['notified@8']);
  });

  test('installing quietly notifies nobody', () => {
    const world = new HandWorld(profile);
    world.services.registerProtocolNotify(AlphaProtocol, world.noting('notified'));
    world.services.installProtocolInterfaceQuietly(undefined, AlphaProtocol, THING);
    expect(world.log).toEqual([]);
  });

  test('above TPL_NOTIFY the lock is an ASSERT', () => {
    const world = new HandWorld(profile);
    world.events.raiseTpl(TPL_HIGH_LEVEL);
    expect(() => world.handle()).toThrow(expect.objectContaining({ kind: 'asserted' }));
  });

  test('a failure leaves the TPL as it was', () => {
    const world = new HandWorld(profile);
    const handle = world.handle();
    expect(
      statusOf(() => world.services.installProtocolInterface(handle, AlphaProtocol, null)),
    ).toBe('EFI_INVALID_PARAMETER');
    expect(world.events.currentTpl).toBe(TPL_APPLICATION);
  });
});

describe('InstallProtocolInterface that finds the protocol (quirk CoreOpensWhatItLooksUp)', () => {
  const recordsAfterCollision = (profile: 'specification' | 'edk2'): number => {
    const { services } = new HandWorld(profile);
    services.database.coreImageHandle = services.installProtocolInterface(
      undefined,
      BetaProtocol,
      null,
    );
    const handle = services.installProtocolInterface(undefined, AlphaProtocol, THING);
    statusOf(() => services.installProtocolInterface(handle, AlphaProtocol, OTHER));
    return services.openProtocolInformation(handle, AlphaProtocol).length;
  };

  test('specification: the look-up leaves no trace', () => {
    expect(recordsAfterCollision('specification')).toBe(0);
  });

  test('edk2: the core has it open BY_HANDLE_PROTOCOL', () => {
    expect(recordsAfterCollision('edk2')).toBe(1);
  });
});

describe.each(PROFILES)('UninstallProtocolInterface (UEFI 2.11 §7.3.3), %s', (profile) => {
  test('removes the interface, and nobody is notified', () => {
    const world = new HandWorld(profile);
    const handle = world.handle(AlphaProtocol, THING);
    world.services.installProtocolInterface(handle, BetaProtocol, null);
    world.services.registerProtocolNotify(AlphaProtocol, world.noting('notified'));
    world.services.uninstallProtocolInterface(handle, AlphaProtocol, THING);
    expect(world.services.protocolsPerHandle(handle)).toEqual([BetaProtocol.guid]);
    expect(world.log).toEqual([]);
  });

  test('another interface than the installed one is EFI_NOT_FOUND', () => {
    const { services } = new HandWorld(profile);
    const handle = services.installProtocolInterface(undefined, AlphaProtocol, THING);
    expect(statusOf(() => services.uninstallProtocolInterface(handle, AlphaProtocol, OTHER))).toBe(
      'EFI_NOT_FOUND',
    );
  });

  test('a protocol that is not on the handle is EFI_NOT_FOUND', () => {
    const { services } = new HandWorld(profile);
    const handle = services.installProtocolInterface(undefined, AlphaProtocol, THING);
    expect(statusOf(() => services.uninstallProtocolInterface(handle, BetaProtocol, null))).toBe(
      'EFI_NOT_FOUND',
    );
  });

  test('a stale handle is EFI_INVALID_PARAMETER', () => {
    const { services } = new HandWorld(profile);
    const handle = services.installProtocolInterface(undefined, AlphaProtocol, THING);
    services.uninstallProtocolInterface(handle, AlphaProtocol, THING);
    expect(statusOf(() => services.uninstallProtocolInterface(handle, AlphaProtocol, THING))).toBe(
      'EFI_INVALID_PARAMETER',
    );
  });

  test('opens that nobody has to close are dropped', () => {
    const { services } = new HandWorld(profile);
    const handle = services.installProtocolInterface(undefined, AlphaProtocol, THING);
    const agent = services.installProtocolInterface(undefined, BetaProtocol, null);
    services.database.coreImageHandle = agent;
    services.handleProtocol(handle, AlphaProtocol);
    for (const attributes of [EFI_OPEN_PROTOCOL_GET_PROTOCOL, EFI_OPEN_PROTOCOL_TEST_PROTOCOL]) {
      services.openProtocol(handle, AlphaProtocol, agent, undefined, attributes);
    }
    services.uninstallProtocolInterface(handle, AlphaProtocol, THING);
    expect(services.database.isHandle(handle)).toBe(false);
  });

  test('drivers that have it open are disconnected', () => {
    const world = new HandWorld(profile);
    const handle = world.handle();
    world.driver({ name: 'AlphaDxe' });
    world.services.connectController(handle);
    world.takeLog();
    world.services.uninstallProtocolInterface(handle, AlphaProtocol, null);
    expect(world.log).toEqual([`stop AlphaDxe ${handle.number}:`]);
    expect(world.services.database.isHandle(handle)).toBe(false);
  });

  test('a driver runs with the lock free, at the caller’s TPL', () => {
    const world = new HandWorld(profile);
    const handle = world.handle();
    const tpls: number[] = [];
    const agent = world.driver({
      name: 'AlphaDxe',
      stop(controller) {
        tpls.push(world.events.currentTpl);
        world.services.closeProtocol(controller, AlphaProtocol, agent, controller);
      },
    });
    world.services.connectController(handle);
    world.services.uninstallProtocolInterface(handle, AlphaProtocol, null);
    expect(tpls).toEqual([TPL_APPLICATION]);
  });

  test('a driver that does not stop is EFI_ACCESS_DENIED, and is connected again', () => {
    const world = new HandWorld(profile);
    const handle = world.handle();
    world.driver({
      name: 'StubbornDxe',
      stop() {
        throw failure('EFI_DEVICE_ERROR');
      },
    });
    world.services.connectController(handle);
    world.takeLog();
    const error = errorOf(() =>
      world.services.uninstallProtocolInterface(handle, AlphaProtocol, null),
    );
    expect(error?.status).toBe('EFI_ACCESS_DENIED');
    expect(error?.message).toContain('BY_DRIVER by StubbornDxe for handle 1');
    expect(world.log).toEqual(['stop StubbornDxe 1:', 'supported StubbornDxe 1']);
    expect(world.services.handleProtocol(handle, AlphaProtocol)).toBeNull();
  });

  test('a driver that stops but does not close is EFI_ACCESS_DENIED, and is asked once', () => {
    const world = new HandWorld(profile);
    const handle = world.handle();
    world.driver({ name: 'ForgetfulDxe', stop: () => {} });
    world.services.connectController(handle);
    world.takeLog();
    expect(
      statusOf(() => world.services.uninstallProtocolInterface(handle, AlphaProtocol, null)),
    ).toBe('EFI_ACCESS_DENIED');
    expect(world.log.filter((entry) => entry.startsWith('stop'))).toHaveLength(1);
  });

  test.each([
    ['BY_CHILD_CONTROLLER', EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER],
    ['EXCLUSIVE', EFI_OPEN_PROTOCOL_EXCLUSIVE],
  ])('an open %s is EFI_ACCESS_DENIED', (_name, attributes) => {
    const world = new HandWorld(profile);
    const handle = world.handle();
    const agent = world.handle(BetaProtocol);
    const child = world.handle(BetaProtocol);
    world.services.openProtocol(handle, AlphaProtocol, agent, child, attributes);
    const uninstall = () => world.services.uninstallProtocolInterface(handle, AlphaProtocol, null);
    expect(statusOf(uninstall)).toBe('EFI_ACCESS_DENIED');
  });

  test('a driver that did stop comes back when somebody else does not let go', () => {
    const world = new HandWorld(profile);
    const handle = world.handle();
    const agent = world.handle(BetaProtocol);
    const child = world.handle(BetaProtocol);
    world.driver({ name: 'AlphaDxe' });
    world.services.connectController(handle);
    const attributes = EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER;
    world.services.openProtocol(handle, AlphaProtocol, agent, child, attributes);
    world.takeLog();
    const uninstall = () => world.services.uninstallProtocolInterface(handle, AlphaProtocol, null);
    expect(statusOf(uninstall)).toBe('EFI_ACCESS_DENIED');
    expect(world.log).toEqual([
      'stop AlphaDxe 1:',
      'supported AlphaDxe 1',
      'start AlphaDxe 1',
      `supported AlphaDxe ${child.number}`,
    ]);
  });

  test('the transient opens are gone even when it fails', () => {
    const world = new HandWorld(profile);
    const handle = world.handle();
    const agent = world.handle(BetaProtocol);
    const child = world.handle(BetaProtocol);
    const open = (attributes: number) =>
      world.services.openProtocol(handle, AlphaProtocol, agent, child, attributes);
    open(EFI_OPEN_PROTOCOL_GET_PROTOCOL);
    open(EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER);
    statusOf(() => world.services.uninstallProtocolInterface(handle, AlphaProtocol, null));
    const left = world.services.openProtocolInformation(handle, AlphaProtocol);
    expect(left.map(({ attributes }) => attributes)).toEqual([
      EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
    ]);
  });

  test('an interface that a Stop has uninstalled itself is EFI_NOT_FOUND', () => {
    const world = new HandWorld(profile);
    const handle = world.handle();
    const agent = world.driver({
      name: 'HastyDxe',
      stop(controller) {
        world.services.closeProtocol(controller, AlphaProtocol, agent, controller);
        world.services.uninstallProtocolInterface(controller, AlphaProtocol, null);
      },
    });
    world.services.connectController(handle);
    expect(
      statusOf(() => world.services.uninstallProtocolInterface(handle, AlphaProtocol, null)),
    ).toBe('EFI_NOT_FOUND');
  });

  test('a driver’s bug goes through unharmed, and the TPL is restored', () => {
    const world = new HandWorld(profile);
    const handle = world.handle();
    const bug = new TypeError('a bug of the driver');
    world.driver({
      name: 'BuggyDxe',
      stop() {
        world.events.raiseTpl(TPL_HIGH_LEVEL);
        throw bug;
      },
    });
    world.services.connectController(handle);
    expect(() => world.services.uninstallProtocolInterface(handle, AlphaProtocol, null)).toThrow(
      bug,
    );
    expect(world.events.currentTpl).toBe(TPL_APPLICATION);
    expect(world.services.drivers.calls.stack).toEqual([]);
    expect(world.services.handleProtocol(handle, AlphaProtocol)).toBeNull();
  });
});

describe.each(PROFILES)('ReinstallProtocolInterface (UEFI 2.11 §7.3.4), %s', (profile) => {
  test('replaces the interface', () => {
    const { services } = new HandWorld(profile);
    const handle = services.installProtocolInterface(undefined, AlphaProtocol, THING);
    services.reinstallProtocolInterface(handle, AlphaProtocol, THING, OTHER);
    expect(services.handleProtocol(handle, AlphaProtocol)).toBe(OTHER);
  });

  test('an old interface that is not on the handle is EFI_NOT_FOUND', () => {
    const { services } = new HandWorld(profile);
    const handle = services.installProtocolInterface(undefined, AlphaProtocol, THING);
    const reinstall = () =>
      services.reinstallProtocolInterface(handle, AlphaProtocol, OTHER, THING);
    expect(statusOf(reinstall)).toBe('EFI_NOT_FOUND');
  });

  test('a stale handle is EFI_INVALID_PARAMETER', () => {
    const { services } = new HandWorld(profile);
    const handle = services.installProtocolInterface(undefined, AlphaProtocol, THING);
    services.uninstallProtocolInterface(handle, AlphaProtocol, THING);
    const reinstall = () =>
      services.reinstallProtocolInterface(handle, AlphaProtocol, THING, THING);
    expect(statusOf(reinstall)).toBe('EFI_INVALID_PARAMETER');
  });

  test('the same interface again announces a change of media: drivers stop and start', () => {
    const world = new HandWorld(profile);
    const handle = world.handle();
    world.driver({ name: 'AlphaDxe' });
    world.services.connectController(handle);
    world.takeLog();
    world.services.reinstallProtocolInterface(handle, AlphaProtocol, null, null);
    expect(world.log).toEqual(['stop AlphaDxe 1:', 'supported AlphaDxe 1', 'start AlphaDxe 1']);
  });

  test('drivers are connected again before the notifications run', () => {
    const world = new HandWorld(profile);
    const handle = world.handle();
    world.driver({ name: 'AlphaDxe' });
    world.services.registerProtocolNotify(AlphaProtocol, world.noting('notified'));
    world.services.reinstallProtocolInterface(handle, AlphaProtocol, null, null);
    expect(world.log).toEqual(['supported AlphaDxe 1', 'start AlphaDxe 1', 'notified@8']);
  });

  test('a driver that does not let go is EFI_ACCESS_DENIED; the old interface stays, unannounced', () => {
    const world = new HandWorld(profile);
    const handle = world.handle(AlphaProtocol, THING);
    world.driver({
      name: 'StubbornDxe',
      stop() {
        throw failure('EFI_DEVICE_ERROR');
      },
    });
    world.services.connectController(handle);
    world.services.registerProtocolNotify(AlphaProtocol, world.noting('notified'));
    const reinstall = () =>
      world.services.reinstallProtocolInterface(handle, AlphaProtocol, THING, OTHER);
    expect(statusOf(reinstall)).toBe('EFI_ACCESS_DENIED');
    expect(world.services.handleProtocol(handle, AlphaProtocol)).toBe(THING);
    expect(world.log).not.toContain('notified@8');
  });

  test('the handle becomes the newest that has the protocol', () => {
    const { services } = new HandWorld(profile);
    const first = services.installProtocolInterface(undefined, AlphaProtocol, THING);
    const second = services.installProtocolInterface(undefined, AlphaProtocol, THING);
    services.reinstallProtocolInterface(first, AlphaProtocol, THING, THING);
    expect(services.locateHandleBuffer({ type: 'ByProtocol', protocol: AlphaProtocol })).toEqual([
      second,
      first,
    ]);
  });
});

describe('the database’s key', () => {
  test('tells which handles were created or changed since', () => {
    const { services } = new HandWorld();
    const install = () => services.installProtocolInterface(undefined, AlphaProtocol, null);
    const [untouched, grown, shrunk, reinstalled] = [install(), install(), install(), install()];
    services.installProtocolInterface(shrunk, BetaProtocol, null);
    const { key } = services.database;
    services.installProtocolInterface(grown, BetaProtocol, null);
    services.uninstallProtocolInterface(shrunk, BetaProtocol, null);
    services.reinstallProtocolInterface(reinstalled, AlphaProtocol, null, null);
    const created = install();
    expect(services.database.handlesModifiedSince(key)).toEqual([
      grown,
      shrunk,
      reinstalled,
      created,
    ]);
    expect(services.database.handlesModifiedSince(services.database.key)).toEqual([]);
    expect(services.database.isHandle(untouched)).toBe(true);
  });
});

describe('reports and traces', () => {
  test('the snapshot says what is installed, and who has it open', () => {
    const { services } = new HandWorld();
    const handle = services.installProtocolInterface(undefined, AlphaProtocol, THING);
    services.installProtocolInterface(handle, BetaProtocol, null);
    const agent = services.installProtocolInterface(undefined, GammaProtocol, null);
    const by = EFI_OPEN_PROTOCOL_BY_DRIVER;
    services.openProtocol(handle, AlphaProtocol, agent, handle, by);
    const [snapshot] = services.database.snapshot();
    expect(snapshot?.protocols.map(({ name }) => name)).toEqual(['Beta', 'Alpha']);
    expect(snapshot?.protocols[1]).toEqual({
      guid: AlphaProtocol.guid,
      name: 'Alpha',
      interface: THING,
      opens: [{ agentHandle: agent, controllerHandle: handle, attributes: by, openCount: 1 }],
    });
    services.closeProtocol(handle, AlphaProtocol, agent, handle);
    expect(snapshot?.protocols[1]?.opens).toHaveLength(1);
  });

  test('every change is traced', () => {
    const world = new HandWorld();
    const handle = world.handle();
    world.services.reinstallProtocolInterface(handle, AlphaProtocol, null, null);
    world.services.uninstallProtocolInterface(handle, AlphaProtocol, null);
    const names = world.traced.map(([name]) => name).filter((name) => name.includes('install'));
    expect(names).toEqual(['install_protocol', 'reinstall_protocol', 'uninstall_protocol']);
    expect(world.traced[0]).toEqual(['install_protocol', { handle: 1, protocol: 'Alpha' }]);
  });

  test('a driver binding is a protocol like any other', () => {
    const world = new HandWorld();
    const image = world.driver({ name: 'AlphaDxe' });
    expect(world.services.protocolsPerHandle(image)).toContain(DriverBindingProtocol.guid);
  });
});
