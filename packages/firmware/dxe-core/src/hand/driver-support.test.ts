import { TerminalSignal } from '@dxelab/platform';
import type { DevicePath, EfiHandle } from '@dxelab/uefi';
import {
  DriverBindingProtocol,
  EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  TPL_APPLICATION,
  TPL_CALLBACK,
  TPL_NOTIFY,
  devicePath,
  endDevicePath,
  pciNode,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import type { Profile } from '@dxelab/uefi-lib';
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
import type { TestDriver } from './hand-world.fixture.ts';

/** A driver that takes whatever it is offered, and needs no protocol for it. */
const eager = (name: string, more: Partial<TestDriver> = {}): TestDriver => ({
  name,
  supported: () => 'EFI_SUCCESS',
  start: () => {},
  ...more,
});
const never = (name: string): TestDriver => ({ name, supported: () => 'EFI_UNSUPPORTED' });
const by = EFI_OPEN_PROTOCOL_BY_DRIVER;

/** A controller with Alpha, and a bus driver on it whose children have Beta. */
class BusWorld extends HandWorld {
  readonly controller = this.handle();
  readonly children: EfiHandle[] = [];
  readonly bus: EfiHandle;

  constructor(
    profile: Profile,
    childCount: number,
    fails: (children: number) => boolean = () => false,
  ) {
    super(profile);
    const bs = this.services;
    this.bus = this.driver({
      name: 'BusDxe',
      start: (controller) => {
        bs.openProtocol(controller, AlphaProtocol, this.bus, controller, by);
        for (let count = 0; count < childCount; count += 1) {
          const child = this.handle(BetaProtocol);
          this.children.push(child);
          bs.openProtocol(
            controller,
            AlphaProtocol,
            this.bus,
            child,
            EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
          );
        }
      },
      stop: (controller, children) => {
        if (fails(children.length)) throw failure('EFI_DEVICE_ERROR');
        for (const child of children) {
          bs.closeProtocol(controller, AlphaProtocol, this.bus, child);
          bs.uninstallProtocolInterface(child, BetaProtocol, null);
        }
        if (children.length === 0) {
          bs.closeProtocol(controller, AlphaProtocol, this.bus, controller);
        }
      },
    });
  }

  numbers(): string {
    return this.children.map(({ number }) => ` ${number}`).join('');
  }
}

describe.each(PROFILES)('ConnectController (UEFI 2.11 §7.3.12), %s', (profile) => {
  test('a stale handle is EFI_INVALID_PARAMETER', () => {
    const world = new HandWorld(profile);
    const handle = world.handle();
    world.services.uninstallProtocolInterface(handle, AlphaProtocol, null);
    expect(statusOf(() => world.services.connectController(handle))).toBe('EFI_INVALID_PARAMETER');
  });

  test('a driver that supports the controller is started', () => {
    const world = new HandWorld(profile);
    const controller = world.handle();
    world.driver({ name: 'AlphaDxe' });
    world.services.connectController(controller);
    expect(world.log).toEqual(['supported AlphaDxe 1', 'start AlphaDxe 1']);
  });

  test('nobody supports it: EFI_NOT_FOUND', () => {
    const world = new HandWorld(profile);
    const controller = world.handle();
    world.driver(never('NoDxe'));
    expect(statusOf(() => world.services.connectController(controller))).toBe('EFI_NOT_FOUND');
  });

  test('there is no driver at all: EFI_NOT_FOUND', () => {
    const world = new HandWorld(profile);
    expect(statusOf(() => world.services.connectController(world.handle()))).toBe('EFI_NOT_FOUND');
  });

  test('an End node as remaining path makes it no error that nothing started', () => {
    const world = new HandWorld(profile);
    const controller = world.handle();
    world.driver(never('NoDxe'));
    const connect = (path: DevicePath) => () =>
      world.services.connectController(controller, [], path);
    expect(statusOf(connect(endDevicePath()))).toBe('EFI_SUCCESS');
    expect(statusOf(connect(devicePath(pciNode(1, 0))))).toBe('EFI_NOT_FOUND');
  });

  test('drivers are given the remaining path, as a copy', () => {
    const world = new HandWorld(profile);
    const path = devicePath(pciNode(1, 0));
    const given: (DevicePath | undefined)[] = [];
    world.driver({
      name: 'PathDxe',
      supported: (_controller, remaining) => {
        given.push(remaining);
        return 'EFI_SUCCESS';
      },
      start: (_controller, remaining) => {
        given.push(remaining);
      },
    });
    world.services.connectController(world.handle(), [], path);
    expect(given).toEqual([path, path]);
    expect(given[0]).not.toBe(path);
  });

  test('after each start the scan begins anew, without those who had their turn', () => {
    const world = new HandWorld(profile);
    const controller = world.handle();
    const base = { version: 0x10 };
    world.driver({ ...never('First'), version: 0x30 });
    world.driver({ ...eager('Second'), version: 0x20 });
    world.driver({ ...eager('Third'), ...base });
    world.services.connectController(controller);
    expect(world.log.map((entry) => entry.slice(0, -2))).toEqual([
      'supported First',
      'supported Second',
      'start Second',
      'supported First',
      'supported Third',
      'start Third',
      'supported First',
    ]);
  });

  test('what one driver produces, another one consumes in the same call', () => {
    const world = new HandWorld(profile);
    const controller = world.handle();
    const upper: EfiHandle = world.driver({
      name: 'UpperDxe',
      version: 0x20,
      supported: (handle) =>
        world.services.tryOpenProtocol(handle, BetaProtocol, upper, handle, 0x04).status,
      start: () => {},
    });
    world.driver(
      eager('LowerDxe', {
        start: (handle) => {
          world.services.installProtocolInterface(handle, BetaProtocol, null);
        },
      }),
    );
    world.services.connectController(controller);
    expect(world.log).toEqual([
      'supported UpperDxe 1',
      'supported LowerDxe 1',
      'start LowerDxe 1',
      'supported UpperDxe 1',
      'start UpperDxe 1',
    ]);
  });

  test('a failing Start is no failure of the call as long as another succeeds', () => {
    const world = new HandWorld(profile);
    const controller = world.handle();
    const failing = {
      start: () => {
        throw failure('EFI_DEVICE_ERROR');
      },
    };
    world.driver({ ...eager('FailingDxe', failing), version: 0x20 });
    world.driver(eager('GoodDxe'));
    expect(statusOf(() => world.services.connectController(controller))).toBe('EFI_SUCCESS');
    expect(world.log.filter((entry) => entry.startsWith('start'))).toEqual([
      'start FailingDxe 1',
      'start GoodDxe 1',
    ]);
  });

  test('a failing Start alone is EFI_NOT_FOUND, and why it failed is on record', () => {
    const world = new HandWorld(profile);
    const controller = world.handle();
    let broken = true;
    world.driver(
      eager('FailingDxe', {
        start: () => {
          if (broken) throw failure('EFI_DEVICE_ERROR');
        },
      }),
    );
    const connect = () => statusOf(() => world.services.connectController(controller));
    expect(connect()).toBe('EFI_NOT_FOUND');
    const { calls } = world.services.drivers;
    expect(calls.failures()).toMatchObject([
      { controller, driver: { version: 0x10 }, error: { status: 'EFI_DEVICE_ERROR' } },
    ]);
    connect();
    expect(calls.failures()).toHaveLength(1);
    broken = false;
    expect(connect()).toBe('EFI_SUCCESS');
    expect(calls.failures()).toEqual([]);
  });

  test('a warning of Supported is a yes, an error that it throws is a no', () => {
    const world = new HandWorld(profile);
    const controller = world.handle();
    world.driver(eager('WarningDxe', { supported: () => 'EFI_WARN_STALE_DATA' }));
    world.driver(
      eager('ThrowingDxe', {
        supported: () => {
          throw failure('EFI_UNSUPPORTED');
        },
      }),
    );
    world.services.connectController(controller);
    expect(world.log.filter((entry) => entry.startsWith('start'))).toEqual(['start WarningDxe 1']);
  });

  test.each([TPL_APPLICATION, TPL_CALLBACK, TPL_NOTIFY])(
    'drivers run at the caller’s TPL %i',
    (tpl) => {
      const world = new HandWorld(profile);
      const controller = world.handle();
      const seen: number[] = [];
      const note = () => {
        seen.push(world.events.currentTpl);
        return 'EFI_SUCCESS' as const;
      };
      world.driver(eager('TplDxe', { supported: note, start: () => void note() }));
      const old = world.events.raiseTpl(tpl);
      world.services.connectController(controller);
      world.events.restoreTpl(old);
      expect(seen).toEqual([tpl, tpl]);
    },
  );

  test('a driver that a start uninstalls is not asked any more', () => {
    const world = new HandWorld(profile);
    const controller = world.handle();
    const doomed = world.handle(GammaProtocol);
    const binding = world.binding(eager('DoomedDxe'), doomed);
    world.driver({
      ...eager('KillerDxe', {
        start: () =>
          world.services.uninstallProtocolInterface(doomed, DriverBindingProtocol, binding),
      }),
      version: 0x20,
    });
    world.services.installProtocolInterface(doomed, DriverBindingProtocol, binding);
    world.services.connectController(controller);
    expect(world.log).not.toContain('supported DoomedDxe 1');
  });

  test('a driver that a start installs waits for the next call', () => {
    const world = new HandWorld(profile);
    const controller = world.handle();
    world.driver(eager('LoaderDxe', { start: () => void world.driver(eager('LoadedDxe')) }));
    world.services.connectController(controller);
    expect(world.log).toEqual(['supported LoaderDxe 1', 'start LoaderDxe 1']);
  });

  test('the core knows who is at work on which controller', () => {
    const world = new HandWorld(profile);
    const [outer, inner] = [world.handle(), world.handle()];
    const { calls } = world.services.drivers;
    const seen: string[][] = [];
    const note = () => {
      seen.push(calls.stack.map(({ phase, controller }) => `${phase} ${controller.number}`));
    };
    world.driver(
      eager('NestingDxe', {
        supported: () => {
          note();
          return 'EFI_SUCCESS';
        },
        start: (controller) => {
          note();
          if (controller === outer) world.services.connectController(inner);
        },
      }),
    );
    world.services.connectController(outer);
    expect(seen).toEqual([
      ['supported 1'],
      ['start 1'],
      ['start 1', 'supported 2'],
      ['start 1', 'start 2'],
    ]);
    expect(calls.stack).toEqual([]);
  });

  test.each([
    ['a bug', new TypeError('a bug of the driver')],
    ['the end of the world', new TerminalSignal('power-loss', 'the plug was pulled')],
  ])('%s goes through unharmed', (_what, thrown) => {
    for (const phase of ['supported', 'start'] as const) {
      const world = new HandWorld(profile);
      const controller = world.handle();
      const fail = (): never => {
        throw thrown;
      };
      world.driver(eager('BuggyDxe', { [phase]: fail }));
      let caught: unknown;
      try {
        world.services.connectController(controller);
      } catch (error) {
        caught = error;
      }
      expect(caught).toBe(thrown);
      expect(world.services.drivers.calls.stack).toEqual([]);
      expect(world.events.currentTpl).toBe(TPL_APPLICATION);
      expect(world.traced.at(-1)).toEqual([
        'connect_controller_end',
        { controller: 1, status: undefined },
      ]);
    }
  });

  test('calls are traced by driver and controller', () => {
    const world = new HandWorld(profile);
    const controller = world.handle();
    world.driver(eager('TracedDxe'));
    world.traced.length = 0;
    world.services.connectController(controller);
    const who = { driver: 'TracedDxe', controller: 1 };
    expect(world.traced).toEqual([
      ['connect_controller_begin', { controller: 1, recursive: false }],
      ['driver_binding_supported_begin', { ...who, status: undefined }],
      ['driver_binding_supported_end', { ...who, status: 'EFI_SUCCESS' }],
      ['driver_binding_start_begin', { ...who, status: undefined }],
      ['driver_binding_start_end', { ...who, status: 'EFI_SUCCESS' }],
      ['connect_controller_end', { controller: 1, status: 'EFI_SUCCESS' }],
    ]);
  });
});

describe('a driver whose binding is not on its image', () => {
  test('goes by the name of its image', () => {
    const world = new HandWorld();
    const controller = world.handle();
    const image = world.driver(never('ImageDxe'));
    const binding = world.handle(GammaProtocol);
    world.services.installProtocolInterface(binding, DriverBindingProtocol, {
      ...world.binding(eager('ignored'), controller),
      imageHandle: image,
      driverBindingHandle: binding,
    });
    world.services.connectController(controller);
    expect(world.traced).toContainEqual([
      'driver_binding_start_begin',
      { driver: 'ImageDxe', controller: 1, status: undefined },
    ]);
  });
});

describe.each(PROFILES)('ConnectController, recursive (UEFI 2.11 §7.3.12), %s', (profile) => {
  const betaDriver = (world: HandWorld, more: Partial<TestDriver> = {}) => {
    const agent: EfiHandle = world.driver({
      name: 'BetaDxe',
      supported: (handle) =>
        world.services.tryOpenProtocol(handle, BetaProtocol, agent, handle, 0x04).status,
      start: () => {},
      ...more,
    });
  };

  test('children that a bus driver makes are connected, too', () => {
    const world = new BusWorld(profile, 2);
    betaDriver(world);
    world.services.connectController(world.controller, [], undefined, true);
    expect(world.log.filter((entry) => entry.startsWith('start'))).toEqual([
      'start BusDxe 1',
      ...world.children.map(({ number }) => `start BetaDxe ${number}`),
    ]);
  });

  test('so are the children of children', () => {
    const world = new HandWorld(profile);
    const [parent, child, grandchild] = [world.handle(), world.handle(), world.handle()];
    const agent = world.driver(never('NoDxe'));
    const byChild = EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER;
    world.services.openProtocol(parent, AlphaProtocol, agent, child, byChild);
    world.services.openProtocol(child, AlphaProtocol, agent, grandchild, byChild);
    statusOf(() => world.services.connectController(parent, [], undefined, true));
    expect(world.log).toEqual(['supported NoDxe 1', 'supported NoDxe 2', 'supported NoDxe 3']);
  });

  test('a hybrid driver: what it installs on the controller is for others, as its children are', () => {
    const world = new HandWorld(profile);
    const bs = world.services;
    const controller = world.handle();
    let child: EfiHandle | undefined;
    const hybrid: EfiHandle = world.driver({
      name: 'HybridDxe',
      start: (handle) => {
        bs.openProtocol(handle, AlphaProtocol, hybrid, handle, by);
        bs.installProtocolInterface(handle, BetaProtocol, null);
        child = world.handle(BetaProtocol);
        const byChild = EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER;
        bs.openProtocol(handle, AlphaProtocol, hybrid, child, byChild);
      },
    });
    betaDriver(world);
    bs.connectController(controller, [], undefined, true);
    expect(world.log.filter((entry) => entry.startsWith('start'))).toEqual([
      'start HybridDxe 1',
      'start BetaDxe 1',
      `start BetaDxe ${child?.number}`,
    ]);
  });

  test('without Recursive they are not', () => {
    const world = new BusWorld(profile, 2);
    betaDriver(world);
    world.services.connectController(world.controller);
    expect(world.log.filter((entry) => entry.startsWith('start'))).toEqual(['start BusDxe 1']);
  });

  test('the status is the parent’s alone', () => {
    const failing = {
      start: () => {
        throw failure('EFI_DEVICE_ERROR');
      },
    };
    const world = new BusWorld(profile, 1);
    betaDriver(world, failing);
    const connect = () => world.services.connectController(world.controller, [], undefined, true);
    expect(statusOf(connect)).toBe('EFI_SUCCESS');
    world.takeLog();
    // The bus is managed already, so nothing starts on the parent; its children are asked all the same.
    expect(statusOf(connect)).toBe('EFI_NOT_FOUND');
    expect(world.log).toContain(`start BetaDxe ${world.children[0]?.number}`);
  });

  test('children get neither the remaining path nor the drivers to be tried first', () => {
    const world = new BusWorld(profile, 1);
    const given: unknown[] = [];
    betaDriver(world, {
      supported: (handle, remaining) => {
        if (handle === world.children[0]) given.push(remaining);
        return 'EFI_UNSUPPORTED';
      },
    });
    const path = devicePath(pciNode(1, 0));
    world.services.connectController(world.controller, [world.bus], path, true);
    expect(given.length).toBeGreaterThan(0);
    expect(new Set(given)).toEqual(new Set([undefined]));
  });

  test('children that go round in a circle are connected once', () => {
    const world = new HandWorld(profile);
    const [one, two] = [world.handle(), world.handle()];
    const agent = world.driver(never('NoDxe'));
    const child = EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER;
    world.services.openProtocol(one, AlphaProtocol, agent, two, child);
    world.services.openProtocol(two, AlphaProtocol, agent, one, child);
    statusOf(() => world.services.connectController(one, [], undefined, true));
    expect(world.log).toEqual(['supported NoDxe 1', 'supported NoDxe 2']);
  });

  test('connecting by key reaches what was touched since, and its children', () => {
    const world = new BusWorld(profile, 1);
    betaDriver(world);
    const before = world.handle(BetaProtocol);
    const { key } = world.services.database;
    world.services.installProtocolInterface(world.controller, GammaProtocol, null);
    world.services.connectHandlesByKey(key);
    expect(world.log.filter((entry) => entry.startsWith('start'))).toEqual([
      'start BusDxe 1',
      `start BetaDxe ${world.children[0]?.number}`,
    ]);
    expect(world.log.some((entry) => entry.endsWith(` ${before.number}`))).toBe(false);
  });
});

describe('ConnectController with an End node while there is no driver at all', () => {
  const connect = (profile: Profile) => {
    const world = new HandWorld(profile);
    return statusOf(() => world.services.connectController(world.handle(), [], endDevicePath()));
  };

  test('specification: nothing failed to start', () => {
    expect(connect('specification')).toBe('EFI_SUCCESS');
  });

  test('edk2: EFI_NOT_FOUND (quirk ConnectNeedsDriverBinding)', () => {
    expect(connect('edk2')).toBe('EFI_NOT_FOUND');
  });
});

describe.each(PROFILES)('DisconnectController (UEFI 2.11 §7.3.13), %s', (profile) => {
  test('stale handles are EFI_INVALID_PARAMETER', () => {
    const world = new BusWorld(profile, 1);
    const stale = world.handle(BetaProtocol);
    world.services.uninstallProtocolInterface(stale, BetaProtocol, null);
    world.services.connectController(world.controller);
    const { services, controller, bus } = world;
    expect(statusOf(() => services.disconnectController(stale))).toBe('EFI_INVALID_PARAMETER');
    expect(statusOf(() => services.disconnectController(controller, stale))).toBe(
      'EFI_INVALID_PARAMETER',
    );
    expect(statusOf(() => services.disconnectController(controller, bus, stale))).toBe(
      'EFI_INVALID_PARAMETER',
    );
  });

  test('a handle without a driver binding is EFI_INVALID_PARAMETER', () => {
    const world = new BusWorld(profile, 0);
    const disconnect = () =>
      world.services.disconnectController(world.controller, world.controller);
    expect(statusOf(disconnect)).toBe('EFI_INVALID_PARAMETER');
  });

  test('nobody manages it: success', () => {
    const world = new HandWorld(profile);
    expect(statusOf(() => world.services.disconnectController(world.handle()))).toBe('EFI_SUCCESS');
  });

  test('children first, then the controller', () => {
    const world = new BusWorld(profile, 2);
    world.services.connectController(world.controller);
    const children = world.numbers();
    world.takeLog();
    world.services.disconnectController(world.controller);
    expect(world.log).toEqual([`stop BusDxe 1:${children}`, 'stop BusDxe 1:']);
    expect(world.services.openProtocolInformation(world.controller, AlphaProtocol)).toEqual([]);
  });

  test('one child of several: only that one', () => {
    const world = new BusWorld(profile, 2);
    world.services.connectController(world.controller);
    const [first, second] = world.children;
    world.takeLog();
    world.services.disconnectController(world.controller, world.bus, second);
    expect(world.log).toEqual([`stop BusDxe 1: ${second?.number}`]);
    expect(first !== undefined && world.services.database.isHandle(first)).toBe(true);
  });

  test('the only child: the controller as well', () => {
    const world = new BusWorld(profile, 1);
    world.services.connectController(world.controller);
    const [child] = world.children;
    world.takeLog();
    world.services.disconnectController(world.controller, world.bus, child);
    expect(world.log).toEqual([`stop BusDxe 1: ${child?.number}`, 'stop BusDxe 1:']);
  });

  test('a child of nobody is EFI_NOT_FOUND, and stops nobody', () => {
    const world = new BusWorld(profile, 1);
    world.services.connectController(world.controller);
    world.takeLog();
    const stranger = world.handle(BetaProtocol);
    const disconnect = () =>
      world.services.disconnectController(world.controller, undefined, stranger);
    expect(statusOf(disconnect)).toBe('EFI_NOT_FOUND');
    expect(world.log).toEqual([]);
  });

  test('a child is listed once, though it is open through several protocols', () => {
    const world = new BusWorld(profile, 1);
    world.services.installProtocolInterface(world.controller, GammaProtocol, null);
    world.services.connectController(world.controller);
    const [child] = world.children;
    world.services.openProtocol(
      world.controller,
      GammaProtocol,
      world.bus,
      child,
      EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
    );
    world.takeLog();
    world.services.disconnectController(world.controller);
    expect(world.log[0]).toBe(`stop BusDxe 1: ${child?.number}`);
  });

  test('without a driver all those that manage the controller stop, each once', () => {
    const world = new HandWorld(profile);
    const controller = world.handle();
    world.services.installProtocolInterface(controller, BetaProtocol, null);
    const takes = (name: string, ...protocols: (typeof AlphaProtocol)[]) => {
      const agent: EfiHandle = world.driver(
        eager(name, {
          start: (handle) => {
            for (const protocol of protocols) {
              world.services.openProtocol(handle, protocol, agent, handle, by);
            }
          },
          stop: (handle) => {
            for (const protocol of protocols) {
              world.services.closeProtocol(handle, protocol, agent, handle);
            }
          },
        }),
      );
    };
    takes('Alpha1Dxe', AlphaProtocol);
    takes('Beta1Dxe', BetaProtocol);
    world.services.connectController(controller);
    world.takeLog();
    world.services.disconnectController(controller);
    expect(world.log.toSorted()).toEqual(['stop Alpha1Dxe 1:', 'stop Beta1Dxe 1:']);
  });

  test('a driver with several protocols of the controller is asked once, even if it fails', () => {
    const world = new HandWorld(profile);
    const controller = world.handle();
    world.services.installProtocolInterface(controller, BetaProtocol, null);
    const agent: EfiHandle = world.driver(
      eager('BothDxe', {
        start: (handle) => {
          world.services.openProtocol(handle, AlphaProtocol, agent, handle, by);
          world.services.openProtocol(handle, BetaProtocol, agent, handle, by);
        },
        stop: () => {
          throw failure('EFI_DEVICE_ERROR');
        },
      }),
    );
    world.services.connectController(controller);
    world.takeLog();
    statusOf(() => world.services.disconnectController(controller));
    expect(world.log).toEqual(['stop BothDxe 1:']);
  });

  test('drivers of the children stop because the bus uninstalls what they use', () => {
    const world = new BusWorld(profile, 1);
    const agent: EfiHandle = world.driver({
      name: 'BetaDxe',
      supported: (handle) =>
        world.services.tryOpenProtocol(handle, BetaProtocol, agent, handle, 0x04).status,
      start: (handle) => {
        world.services.openProtocol(handle, BetaProtocol, agent, handle, by);
      },
      stop: (handle) => {
        world.services.closeProtocol(handle, BetaProtocol, agent, handle);
      },
    });
    world.services.connectController(world.controller, [], undefined, true);
    const child = world.children[0]?.number;
    world.takeLog();
    world.services.disconnectController(world.controller);
    expect(world.log).toEqual([
      `stop BusDxe 1: ${child}`,
      `stop BetaDxe ${child}:`,
      'stop BusDxe 1:',
    ]);
  });

  test('an agent whose binding is gone is EFI_INVALID_PARAMETER', () => {
    const world = new HandWorld(profile);
    const controller = world.handle();
    const agent = world.handle(BetaProtocol);
    world.services.openProtocol(controller, AlphaProtocol, agent, controller, by);
    expect(statusOf(() => world.services.disconnectController(controller))).toBe(
      'EFI_INVALID_PARAMETER',
    );
  });

  test('a driver’s bug goes through unharmed', () => {
    const bug = new TypeError('a bug of the driver');
    const world = new HandWorld(profile);
    const controller = world.handle();
    world.driver({
      name: 'BuggyDxe',
      stop: () => {
        throw bug;
      },
    });
    world.services.connectController(controller);
    expect(() => world.services.disconnectController(controller)).toThrow(bug);
    expect(world.services.drivers.calls.stack).toEqual([]);
  });

  test('a failing Stop of the children spares the controller', () => {
    const world = new BusWorld(profile, 2, (children) => children > 0);
    world.services.connectController(world.controller);
    const children = world.numbers();
    world.takeLog();
    statusOf(() => world.services.disconnectController(world.controller));
    expect(world.log).toEqual([`stop BusDxe 1:${children}`]);
  });
});

describe('DisconnectController when Stop fails', () => {
  test('specification: what Stop failed with', () => {
    const world = new BusWorld('specification', 0, () => true);
    world.services.connectController(world.controller);
    const error = errorOf(() => world.services.disconnectController(world.controller));
    expect(error?.status).toBe('EFI_DEVICE_ERROR');
  });

  test('edk2: EFI_NOT_FOUND (quirk DisconnectLosesStopError)', () => {
    const world = new BusWorld('edk2', 0, () => true);
    world.services.connectController(world.controller);
    const error = errorOf(() => world.services.disconnectController(world.controller));
    expect(error?.status).toBe('EFI_NOT_FOUND');
    expect(error?.cause).toMatchObject({ status: 'EFI_DEVICE_ERROR' });
  });

  /** Of two drivers on the controller the first refuses to stop. */
  const oneOfTwo = (profile: Profile) => {
    const world = new BusWorld(profile, 0, () => true);
    world.services.installProtocolInterface(world.controller, BetaProtocol, null);
    const agent: EfiHandle = world.driver(
      eager('BetaDxe', {
        start: (handle) => {
          world.services.openProtocol(handle, BetaProtocol, agent, handle, by);
        },
        stop: (handle) => {
          world.services.closeProtocol(handle, BetaProtocol, agent, handle);
        },
      }),
    );
    world.services.connectController(world.controller);
    world.takeLog();
    const status = statusOf(() => world.services.disconnectController(world.controller));
    expect(world.log.toSorted()).toEqual(['stop BetaDxe 1:', 'stop BusDxe 1:']);
    return status;
  };

  test('specification: also when another driver did stop', () => {
    expect(oneOfTwo('specification')).toBe('EFI_DEVICE_ERROR');
  });

  test('edk2: success, because another driver did stop', () => {
    expect(oneOfTwo('edk2')).toBe('EFI_SUCCESS');
  });
});

describe('DisconnectController of a driver that does not manage the controller', () => {
  const disconnectStranger = (profile: Profile) => {
    const world = new HandWorld(profile);
    const driver = world.driver(eager('StrangerDxe'));
    const status = statusOf(() => world.services.disconnectController(world.handle(), driver));
    expect(world.log).toEqual([]);
    return status;
  };

  test('specification: success', () => {
    expect(disconnectStranger('specification')).toBe('EFI_SUCCESS');
  });

  test('edk2: EFI_NOT_FOUND (quirk DisconnectOfStrangerNotFound)', () => {
    expect(disconnectStranger('edk2')).toBe('EFI_NOT_FOUND');
  });
});
