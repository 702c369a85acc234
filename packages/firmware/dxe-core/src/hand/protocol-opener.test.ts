import type { EfiHandle } from '@dxelab/uefi';
import {
  EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER as BY_CHILD_CONTROLLER,
  EFI_OPEN_PROTOCOL_BY_DRIVER as BY_DRIVER,
  EFI_OPEN_PROTOCOL_BY_HANDLE_PROTOCOL as BY_HANDLE_PROTOCOL,
  EFI_OPEN_PROTOCOL_EXCLUSIVE as EXCLUSIVE,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL as GET_PROTOCOL,
  EFI_OPEN_PROTOCOL_TEST_PROTOCOL as TEST_PROTOCOL,
  EfiError,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import type { Profile } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import {
  AlphaProtocol,
  BetaProtocol,
  HandWorld,
  errorOf,
  failure,
  statusOf,
} from './hand-world.fixture.ts';

const THING = { name: 'thing' };
const BY_DRIVER_EXCLUSIVE = BY_DRIVER | EXCLUSIVE;
const TRANSIENT = [BY_HANDLE_PROTOCOL, GET_PROTOCOL, TEST_PROTOCOL];
const MANAGING = [BY_DRIVER, BY_DRIVER_EXCLUSIVE];

/** A handle with Alpha, two agents, a child and another controller. */
class OpenWorld extends HandWorld {
  readonly subject = this.handle(AlphaProtocol, THING);
  readonly agent = this.handle(BetaProtocol);
  readonly rival = this.handle(BetaProtocol);
  readonly child = this.handle(BetaProtocol);
  readonly stale = this.handle(BetaProtocol);

  constructor(profile: Profile = 'specification') {
    super(profile);
    this.services.uninstallProtocolInterface(this.stale, BetaProtocol, null);
  }

  /** Opens Alpha, by the agent for the subject unless it is said, and returns the status. */
  open(
    attributes: number,
    agent: EfiHandle | undefined = this.agent,
    controller: EfiHandle | undefined = this.subject,
  ) {
    return this.services.tryOpenProtocol(this.subject, AlphaProtocol, agent, controller, attributes)
      .status;
  }

  /** The open records as `agent/controller attributes×count`. */
  records(): string[] {
    return this.services
      .openProtocolInformation(this.subject, AlphaProtocol)
      .map(
        (entry) =>
          `${entry.agentHandle?.number}/${entry.controllerHandle?.number} ` +
          `0x${entry.attributes.toString(16)}×${entry.openCount}`,
      );
  }

  /** A driver of Alpha that manages the subject. */
  managed(stop?: () => void): EfiHandle {
    const driver = this.driver(stop === undefined ? { name: 'Dxe' } : { name: 'Dxe', stop });
    this.services.connectController(this.subject);
    return driver;
  }
}

describe.each(PROFILES)('OpenProtocol checks its parameters (UEFI 2.11 §7.3.9), %s', (profile) => {
  test.each([...TRANSIENT, ...MANAGING, EXCLUSIVE])('a stale handle, 0x%s', (attributes) => {
    const { services, stale, agent } = new OpenWorld(profile);
    const { status } = services.tryOpenProtocol(stale, AlphaProtocol, agent, agent, attributes);
    expect(status).toBe('EFI_INVALID_PARAMETER');
  });

  test.each(TRANSIENT)('0x%s validates neither agent nor controller', (attributes) => {
    const world = new OpenWorld(profile);
    expect(world.open(attributes, world.stale, world.stale)).toBe('EFI_SUCCESS');
    const bs = world.services;
    const { status } = bs.tryOpenProtocol(
      world.subject,
      AlphaProtocol,
      undefined,
      undefined,
      attributes,
    );
    expect(status).toBe('EFI_SUCCESS');
  });

  test.each([...MANAGING, BY_CHILD_CONTROLLER])(
    '0x%s needs a valid agent and controller',
    (attributes) => {
      const world = new OpenWorld(profile);
      expect(world.open(attributes, world.stale, world.child)).toBe('EFI_INVALID_PARAMETER');
      expect(world.open(attributes, world.agent, world.stale)).toBe('EFI_INVALID_PARAMETER');
      const open = (agent?: EfiHandle, controller?: EfiHandle) =>
        world.services.tryOpenProtocol(world.subject, AlphaProtocol, agent, controller, attributes);
      expect(open(undefined, world.child).status).toBe('EFI_INVALID_PARAMETER');
      expect(open(world.agent, undefined).status).toBe('EFI_INVALID_PARAMETER');
      expect(world.open(attributes, world.agent, world.child)).toBe('EFI_SUCCESS');
    },
  );

  test('EXCLUSIVE needs a valid agent, but no valid controller', () => {
    const world = new OpenWorld(profile);
    expect(world.open(EXCLUSIVE, world.stale, world.child)).toBe('EFI_INVALID_PARAMETER');
    expect(world.open(EXCLUSIVE, world.agent, world.stale)).toBe('EFI_SUCCESS');
  });

  test('a controller is not its own child', () => {
    const world = new OpenWorld(profile);
    expect(world.open(BY_CHILD_CONTROLLER, world.agent, world.subject)).toBe(
      'EFI_INVALID_PARAMETER',
    );
  });

  test.each([0, 0x03, 0x18, 0x28, 0x38, 0x40])('attributes 0x%s do not exist', (attributes) => {
    const world = new OpenWorld(profile);
    expect(world.open(attributes)).toBe('EFI_INVALID_PARAMETER');
  });

  test('a protocol that is not on the handle is EFI_UNSUPPORTED, with no interface', () => {
    const { services, subject, agent } = new OpenWorld(profile);
    const result = services.tryOpenProtocol(subject, BetaProtocol, agent, subject, BY_DRIVER);
    expect(result).toEqual({ status: 'EFI_UNSUPPORTED', interface: undefined });
  });

  test('parameters are checked before the protocol is looked for', () => {
    const { services, subject, stale } = new OpenWorld(profile);
    const { status } = services.tryOpenProtocol(subject, BetaProtocol, stale, subject, BY_DRIVER);
    expect(status).toBe('EFI_INVALID_PARAMETER');
  });
});

describe.each(PROFILES)('OpenProtocol keeps records (UEFI 2.11 §7.3.9), %s', (profile) => {
  test('an open is recorded; the same again is counted', () => {
    const world = new OpenWorld(profile);
    for (const attributes of TRANSIENT) {
      world.open(attributes);
      world.open(attributes);
    }
    world.open(BY_CHILD_CONTROLLER, world.agent, world.child);
    world.open(BY_CHILD_CONTROLLER, world.agent, world.child);
    expect(world.records()).toEqual(['2/1 0x1×2', '2/1 0x2×2', '2/1 0x4×2', '2/4 0x8×2']);
  });

  test('another agent or controller has a record of its own', () => {
    const world = new OpenWorld(profile);
    world.open(GET_PROTOCOL);
    world.open(GET_PROTOCOL, world.rival);
    world.open(GET_PROTOCOL, world.agent, world.child);
    expect(world.records()).toEqual(['2/1 0x2×1', '3/1 0x2×1', '2/4 0x2×1']);
  });

  test('nobody leaves no record', () => {
    const { services, subject } = new OpenWorld(profile);
    const result = services.tryOpenProtocol(
      subject,
      AlphaProtocol,
      undefined,
      subject,
      GET_PROTOCOL,
    );
    expect(result).toEqual({ status: 'EFI_SUCCESS', interface: THING });
    expect(services.openProtocolInformation(subject, AlphaProtocol)).toEqual([]);
  });

  test.each([...TRANSIENT, BY_CHILD_CONTROLLER])(
    '0x%s is let in whoever is there',
    (attributes) => {
      for (const present of [...TRANSIENT, ...MANAGING, EXCLUSIVE]) {
        const world = new OpenWorld(profile);
        world.open(present, world.rival);
        expect(world.open(attributes, world.agent, world.child)).toBe('EFI_SUCCESS');
      }
    },
  );

  test.each([...MANAGING, EXCLUSIVE])('0x%s is let in by those who only look', (attributes) => {
    const world = new OpenWorld(profile);
    for (const present of TRANSIENT) world.open(present, world.rival);
    world.open(BY_CHILD_CONTROLLER, world.rival, world.child);
    expect(world.open(attributes)).toBe('EFI_SUCCESS');
  });
});

describe.each(PROFILES)('OpenProtocol against a driver (UEFI 2.11 §7.3.9), %s', (profile) => {
  test.each(MANAGING)('0x%s again is EFI_ALREADY_STARTED, with the interface', (attributes) => {
    const { services, subject, agent } = new OpenWorld(profile);
    const again = () =>
      services.tryOpenProtocol(subject, AlphaProtocol, agent, subject, attributes);
    expect(again().status).toBe('EFI_SUCCESS');
    expect(again()).toEqual({ status: 'EFI_ALREADY_STARTED', interface: THING });
    expect(services.openProtocolInformation(subject, AlphaProtocol)).toHaveLength(1);
  });

  test.each([...MANAGING, EXCLUSIVE])(
    'BY_DRIVER is EFI_ACCESS_DENIED while another has 0x%s',
    (present) => {
      const world = new OpenWorld(profile);
      world.open(present, world.rival);
      expect(world.open(BY_DRIVER)).toBe('EFI_ACCESS_DENIED');
    },
  );

  test.each([BY_DRIVER_EXCLUSIVE, EXCLUSIVE])(
    'BY_DRIVER is EFI_ACCESS_DENIED while the same agent has 0x%s',
    (present) => {
      const world = new OpenWorld(profile);
      world.open(present);
      expect(world.open(BY_DRIVER)).toBe('EFI_ACCESS_DENIED');
    },
  );

  test.each([BY_DRIVER_EXCLUSIVE, EXCLUSIVE])(
    '0x%s is EFI_ACCESS_DENIED while anybody has it exclusively',
    (attributes) => {
      for (const present of [BY_DRIVER_EXCLUSIVE, EXCLUSIVE]) {
        const world = new OpenWorld(profile);
        world.open(present, world.rival);
        expect(world.open(attributes)).toBe('EFI_ACCESS_DENIED');
      }
    },
  );

  test('EXCLUSIVE again by the same agent is not counted but EFI_ACCESS_DENIED', () => {
    const world = new OpenWorld(profile);
    world.open(EXCLUSIVE);
    expect(world.open(EXCLUSIVE)).toBe('EFI_ACCESS_DENIED');
    expect(world.records()).toEqual(['2/1 0x20×1']);
  });

  test('a refusal gives no interface', () => {
    const { services, subject, agent, rival } = new OpenWorld(profile);
    services.openProtocol(subject, AlphaProtocol, rival, subject, EXCLUSIVE);
    const result = services.tryOpenProtocol(subject, AlphaProtocol, agent, subject, BY_DRIVER);
    expect(result).toEqual({ status: 'EFI_ACCESS_DENIED', interface: undefined });
  });

  test.each([BY_DRIVER_EXCLUSIVE, EXCLUSIVE])('0x%s makes the driver stop', (attributes) => {
    const world = new OpenWorld(profile);
    world.managed();
    world.takeLog();
    expect(world.open(attributes)).toBe('EFI_SUCCESS');
    expect(world.log).toEqual(['stop Dxe 1:']);
    expect(world.records()).toEqual([`2/1 0x${attributes.toString(16)}×1`]);
  });

  test('a driver that fails to stop is EFI_ACCESS_DENIED, and nobody is connected again', () => {
    const world = new OpenWorld(profile);
    world.managed(() => {
      throw failure('EFI_DEVICE_ERROR');
    });
    world.takeLog();
    expect(world.open(EXCLUSIVE)).toBe('EFI_ACCESS_DENIED');
    expect(world.log).toEqual(['stop Dxe 1:']);
  });

  test('a driver that closes and then fails is EFI_ACCESS_DENIED all the same', () => {
    const world = new OpenWorld(profile);
    const driver = world.managed(() => {
      world.services.closeProtocol(world.subject, AlphaProtocol, driver, world.subject);
      throw failure('EFI_DEVICE_ERROR');
    });
    expect(world.open(EXCLUSIVE)).toBe('EFI_ACCESS_DENIED');
    expect(world.records()).toEqual([]);
  });

  test('a driver that stops without closing is EFI_ACCESS_DENIED, and is asked once', () => {
    const world = new OpenWorld(profile);
    world.managed(() => {});
    world.takeLog();
    expect(world.open(EXCLUSIVE)).toBe('EFI_ACCESS_DENIED');
    expect(world.log).toEqual(['stop Dxe 1:']);
  });

  test('an interface that Stop has uninstalled is EFI_UNSUPPORTED', () => {
    const world = new OpenWorld(profile);
    const driver = world.managed(() => {
      world.services.closeProtocol(world.subject, AlphaProtocol, driver, world.subject);
      world.services.uninstallProtocolInterface(world.subject, AlphaProtocol, THING);
    });
    expect(world.open(EXCLUSIVE)).toBe('EFI_UNSUPPORTED');
  });

  test('whoever gets in while the driver stops keeps the rest out', () => {
    const world = new OpenWorld(profile);
    const driver = world.managed(() => {
      world.services.closeProtocol(world.subject, AlphaProtocol, driver, world.subject);
      world.open(EXCLUSIVE, world.rival);
    });
    expect(world.open(EXCLUSIVE)).toBe('EFI_ACCESS_DENIED');
  });
});

describe('OpenProtocol BY_DRIVER by the same agent for another controller', () => {
  test.each(MANAGING)(
    'specification: 0x%s is EFI_ALREADY_STARTED, as for any controller',
    (attributes) => {
      const world = new OpenWorld('specification');
      world.open(attributes);
      expect(world.open(attributes, world.agent, world.child)).toBe('EFI_ALREADY_STARTED');
    },
  );

  test.each(MANAGING)(
    'edk2: 0x%s is EFI_ACCESS_DENIED (quirk OpenComparesController)',
    (attributes) => {
      const world = new OpenWorld('edk2');
      world.open(attributes);
      expect(world.open(attributes, world.agent, world.child)).toBe('EFI_ACCESS_DENIED');
    },
  );
});

describe('the two forms of OpenProtocol', () => {
  test('success is the interface', () => {
    const { services, subject, agent } = new OpenWorld();
    expect(services.openProtocol(subject, AlphaProtocol, agent, subject, BY_DRIVER)).toBe(THING);
  });

  test('EFI_ALREADY_STARTED is thrown with the interface', () => {
    const { services, subject, agent } = new OpenWorld();
    const open = () => services.openProtocol(subject, AlphaProtocol, agent, subject, BY_DRIVER);
    open();
    const error = errorOf(open);
    expect(error?.status).toBe('EFI_ALREADY_STARTED');
    expect(error?.out).toBe(THING);
  });

  test.each([
    ['EFI_UNSUPPORTED', 'handle 1 has no Beta'],
    [
      'EFI_ACCESS_DENIED',
      'Alpha on handle 1, wanted BY_DRIVER by handle 2: it is open EXCLUSIVE by handle 3 for handle 1',
    ],
    [
      'EFI_INVALID_PARAMETER',
      'wanted 0x40 by handle 2: attributes of UEFI §7.3.9 and valid handles were expected; handle 1, agent 2, controller 5 (stale)',
    ],
  ] as const)('%s says what was expected and what came', (status, message) => {
    const { services, subject, agent, rival, stale } = new OpenWorld();
    services.openProtocol(subject, AlphaProtocol, rival, subject, EXCLUSIVE);
    const error = errorOf(() => {
      if (status === 'EFI_UNSUPPORTED')
        services.openProtocol(subject, BetaProtocol, agent, subject, BY_DRIVER);
      if (status === 'EFI_ACCESS_DENIED')
        services.openProtocol(subject, AlphaProtocol, agent, subject, BY_DRIVER);
      services.openProtocol(subject, AlphaProtocol, agent, stale, 0x40);
    });
    expect(error?.status).toBe(status);
    expect(error?.message).toContain(message);
  });

  test('the one that does not throw makes no Error', () => {
    const world = new OpenWorld();
    world.open(EXCLUSIVE, world.rival);
    let made = 0;
    class CountedError extends Error {
      constructor(message?: string, options?: ErrorOptions) {
        super(message, options);
        made += 1;
      }
    }
    const ask = () =>
      [BY_DRIVER, 0, BY_CHILD_CONTROLLER].map((attributes) => world.open(attributes));
    // What `super` of EfiError calls.
    Object.setPrototypeOf(EfiError, CountedError);
    try {
      expect(ask()).not.toContain('EFI_SUCCESS');
      expect(made).toBe(0);
      statusOf(() => world.services.handleProtocol(world.stale, AlphaProtocol));
      expect(made).toBe(1);
    } finally {
      Object.setPrototypeOf(EfiError, Error);
    }
  });

  test('every open is traced with its status', () => {
    const world = new OpenWorld();
    world.open(BY_DRIVER);
    expect(world.traced.at(-1)).toEqual([
      'open_protocol',
      {
        handle: 1,
        protocol: 'Alpha',
        agent: 'handle 2',
        controller: 1,
        attributes: BY_DRIVER,
        status: 'EFI_SUCCESS',
      },
    ]);
  });
});

describe.each(PROFILES)('HandleProtocol (UEFI 2.11 §7.3.7), %s', (profile) => {
  test('is OpenProtocol BY_HANDLE_PROTOCOL by the core, and counted', () => {
    const world = new OpenWorld(profile);
    world.services.database.coreImageHandle = world.rival;
    expect(world.services.handleProtocol(world.subject, AlphaProtocol)).toBe(THING);
    world.services.handleProtocol(world.subject, AlphaProtocol);
    expect(world.records()).toEqual(['3/undefined 0x1×2']);
  });

  test('before the core has a handle it leaves no record', () => {
    const world = new OpenWorld(profile);
    world.services.handleProtocol(world.subject, AlphaProtocol);
    expect(world.records()).toEqual([]);
  });

  test('a missing protocol is EFI_UNSUPPORTED, a stale handle EFI_INVALID_PARAMETER', () => {
    const { services, subject, stale } = new OpenWorld(profile);
    expect(statusOf(() => services.handleProtocol(subject, BetaProtocol))).toBe('EFI_UNSUPPORTED');
    expect(statusOf(() => services.handleProtocol(stale, BetaProtocol))).toBe(
      'EFI_INVALID_PARAMETER',
    );
  });
});

describe.each(PROFILES)('CloseProtocol (UEFI 2.11 §7.3.10), %s', (profile) => {
  test('removes all records of agent and controller, whatever their attributes and counts', () => {
    const world = new OpenWorld(profile);
    world.open(GET_PROTOCOL);
    world.open(GET_PROTOCOL);
    world.open(BY_DRIVER);
    world.open(GET_PROTOCOL, world.rival);
    world.services.closeProtocol(world.subject, AlphaProtocol, world.agent, world.subject);
    expect(world.records()).toEqual(['3/1 0x2×1']);
    expect(world.open(BY_DRIVER, world.rival)).toBe('EFI_SUCCESS');
  });

  test('leaves other controllers of the agent alone', () => {
    const world = new OpenWorld(profile);
    world.open(GET_PROTOCOL);
    world.open(BY_CHILD_CONTROLLER, world.agent, world.child);
    world.services.closeProtocol(world.subject, AlphaProtocol, world.agent, world.subject);
    expect(world.records()).toEqual(['2/4 0x8×1']);
  });

  test('an open without controller is closed without one', () => {
    const { services, subject, agent } = new OpenWorld(profile);
    services.openProtocol(subject, AlphaProtocol, agent, undefined, EXCLUSIVE);
    services.closeProtocol(subject, AlphaProtocol, agent, undefined);
    expect(services.openProtocolInformation(subject, AlphaProtocol)).toEqual([]);
  });

  test('a stale handle, agent or controller is EFI_INVALID_PARAMETER', () => {
    const { services, subject, agent, stale } = new OpenWorld(profile);
    const close = (handle: EfiHandle, by: EfiHandle, controller: EfiHandle | undefined) => () =>
      services.closeProtocol(handle, AlphaProtocol, by, controller);
    expect(statusOf(close(stale, agent, undefined))).toBe('EFI_INVALID_PARAMETER');
    expect(statusOf(close(subject, stale, undefined))).toBe('EFI_INVALID_PARAMETER');
    expect(statusOf(close(subject, agent, stale))).toBe('EFI_INVALID_PARAMETER');
  });

  test('what is not installed, or not open for this pair, is EFI_NOT_FOUND', () => {
    const world = new OpenWorld(profile);
    const { services, subject, agent } = world;
    world.open(GET_PROTOCOL, agent, world.child);
    const close = (protocol: typeof AlphaProtocol) => () =>
      services.closeProtocol(subject, protocol, agent, subject);
    expect(statusOf(close(BetaProtocol))).toBe('EFI_NOT_FOUND');
    expect(statusOf(close(AlphaProtocol))).toBe('EFI_NOT_FOUND');
  });

  test('connects nobody to what was held exclusively', () => {
    const world = new OpenWorld(profile);
    world.managed();
    world.open(EXCLUSIVE);
    world.takeLog();
    world.services.closeProtocol(world.subject, AlphaProtocol, world.agent, world.subject);
    expect(world.log).toEqual([]);
  });
});

describe.each(PROFILES)('OpenProtocolInformation (UEFI 2.11 §7.3.11), %s', (profile) => {
  test('lists the records, oldest first, across controllers', () => {
    const world = new OpenWorld(profile);
    world.open(GET_PROTOCOL, world.agent, world.child);
    world.open(GET_PROTOCOL, world.rival, world.subject);
    world.open(TEST_PROTOCOL, world.agent, world.child);
    expect(world.records()).toEqual(['2/4 0x2×1', '3/1 0x2×1', '2/4 0x4×1']);
  });

  test('no record is an empty list', () => {
    expect(new OpenWorld(profile).records()).toEqual([]);
  });

  test('a missing protocol, and a stale handle, are EFI_NOT_FOUND', () => {
    const { services, subject, stale } = new OpenWorld(profile);
    const information = (handle: EfiHandle) => () =>
      services.openProtocolInformation(handle, BetaProtocol);
    expect(statusOf(information(subject))).toBe('EFI_NOT_FOUND');
    expect(statusOf(information(stale))).toBe('EFI_NOT_FOUND');
  });
});

describe('closing everything of an agent, as UnloadImage does', () => {
  test('reaches every handle', () => {
    const world = new OpenWorld();
    const other = world.handle();
    world.open(BY_DRIVER);
    world.open(GET_PROTOCOL, world.rival);
    world.services.openProtocol(other, AlphaProtocol, world.agent, undefined, GET_PROTOCOL);
    world.services.closeAgent(world.agent);
    expect(world.records()).toEqual(['3/1 0x2×1']);
    expect(world.services.openProtocolInformation(other, AlphaProtocol)).toEqual([]);
  });
});
