import {
  EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER as BY_CHILD_CONTROLLER,
  EFI_OPEN_PROTOCOL_BY_DRIVER as BY_DRIVER,
  EFI_OPEN_PROTOCOL_BY_HANDLE_PROTOCOL as BY_HANDLE_PROTOCOL,
  EFI_OPEN_PROTOCOL_EXCLUSIVE as EXCLUSIVE,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL as GET_PROTOCOL,
  EFI_OPEN_PROTOCOL_TEST_PROTOCOL as TEST_PROTOCOL,
} from '@dxelab/uefi';
import { Alpha, Beta } from '../../services/services-world.fixture.ts';
import type { Check, SctCheck } from '../sct-check.fixture.ts';
import { checksOf, same } from '../sct-check.fixture.ts';

const ATTRIBUTES = {
  BY_HANDLE_PROTOCOL,
  GET_PROTOCOL,
  TEST_PROTOCOL,
  BY_CHILD_CONTROLLER,
  EXCLUSIVE,
  BY_DRIVER,
  'BY_DRIVER | EXCLUSIVE': BY_DRIVER | EXCLUSIVE,
} as const;
type AttributesName = keyof typeof ATTRIBUTES;

const LOOKS = [
  'BY_HANDLE_PROTOCOL',
  'GET_PROTOCOL',
  'TEST_PROTOCOL',
  'BY_CHILD_CONTROLLER',
] as const;
const HOLDS: readonly AttributesName[] = ['BY_DRIVER', 'EXCLUSIVE', 'BY_DRIVER | EXCLUSIVE'];

/** The first to open it gets the interface, and one record with a count of 1. */
function opens(name: AttributesName): Check {
  return (world) => {
    const { bs, agent, controller } = world;
    const instance = {};
    const handle = world.handle(instance);
    const attributes = ATTRIBUTES[name];
    const opened = bs.openProtocol(handle, Alpha, agent, controller, attributes);
    if (name !== 'TEST_PROTOCOL') same(opened, instance);
    same(bs.openProtocolInformation(handle, Alpha), [
      { agentHandle: agent, controllerHandle: controller, attributes, openCount: 1 },
    ]);
  };
}

/** It may be opened beside one who merely looks, as often as one likes. */
function opensBeside(name: AttributesName): Check {
  return (world) => {
    const { bs, agent, controller } = world;
    for (const other of HOLDS) {
      const handle = world.open(world.handle(), ATTRIBUTES[other]);
      bs.openProtocol(handle, Alpha, agent, controller, ATTRIBUTES[name]);
      bs.openProtocol(handle, Alpha, agent, controller, ATTRIBUTES[name]);
      const record = bs
        .openProtocolInformation(handle, Alpha)
        .find(({ attributes }) => attributes === ATTRIBUTES[name]);
      same(record?.openCount, 2);
    }
  };
}

/** It cannot be opened while somebody has it for himself: another, or with `itself` the very same agent. */
function refused(name: AttributesName, itself: boolean): Check {
  return (world) => {
    const { bs, controller } = world;
    for (const other of HOLDS) {
      const handle = world.open(world.handle(), ATTRIBUTES[other]);
      const agent = itself ? world.agent : world.install({ manages: Beta });
      const { status } = bs.tryOpenProtocol(handle, Alpha, agent, controller, ATTRIBUTES[name]);
      const again = itself && other === name && name !== 'EXCLUSIVE';
      same(status, again ? 'EFI_ALREADY_STARTED' : 'EFI_ACCESS_DENIED');
    }
  };
}

/** Closing what was opened like this, and no trace of it is left. */
function closes(name: AttributesName): Check {
  return (world) => {
    const { bs, agent, controller } = world;
    const handle = world.open(world.handle(), ATTRIBUTES[name]);
    bs.closeProtocol(handle, Alpha, agent, controller);
    same(bs.openProtocolInformation(handle, Alpha), []);
    world.expectStatus('EFI_NOT_FOUND', () => bs.closeProtocol(handle, Alpha, agent, controller));
  };
}

const invalid =
  (use: (world: Parameters<Check>[0]) => unknown): Check =>
  (world) =>
    world.expectStatus('EFI_INVALID_PARAMETER', () => use(world));

const NEEDS_AGENT = [
  'BY_CHILD_CONTROLLER',
  'BY_DRIVER',
  'BY_DRIVER | EXCLUSIVE',
  'EXCLUSIVE',
] as const;
const NEEDS_CONTROLLER = ['BY_CHILD_CONTROLLER', 'BY_DRIVER', 'BY_DRIVER | EXCLUSIVE'] as const;

/** OpenProtocol, CloseProtocol, OpenProtocolInformation (UEFI §7.3.9 to §7.3.11). */
export const OPEN_CHECKS: readonly SctCheck[] = [
  ...checksOf('OpenProtocol', [
    [
      '3.13.2.1',
      'of a handle that is none',
      invalid((world) =>
        world.bs.openProtocol(world.staleHandle(), Alpha, world.agent, undefined, GET_PROTOCOL),
      ),
    ],
    ['3.13.2.2, 3.13.2.3', 'no protocol; no place for the interface', 'C'],
    [
      '3.13.2.4',
      'attributes that are none',
      (world) => {
        for (const attributes of [0, 3, 0x18, 0x28, 0x40, 0x31]) {
          world.expectStatus('EFI_INVALID_PARAMETER', () =>
            world.bs.openProtocol(world.handle(), Alpha, world.agent, world.controller, attributes),
          );
        }
      },
    ],
    ...NEEDS_AGENT.map(
      (name, index) =>
        [
          `3.13.2.5 (${index + 1})`,
          `${name} by an agent that is none`,
          invalid((world) =>
            world.bs.openProtocol(
              world.handle(),
              Alpha,
              world.staleHandle(),
              world.controller,
              ATTRIBUTES[name],
            ),
          ),
        ] as const,
    ),
    ...NEEDS_CONTROLLER.map(
      (name, index) =>
        [
          `3.13.2.5 (${index + 5})`,
          `${name} for a controller that is none`,
          invalid((world) =>
            world.bs.openProtocol(
              world.handle(),
              Alpha,
              world.agent,
              world.staleHandle(),
              ATTRIBUTES[name],
            ),
          ),
        ] as const,
    ),
    [
      '3.13.2.5 (8)',
      'BY_CHILD_CONTROLLER for the handle itself',
      invalid((world) => {
        const handle = world.handle();
        world.bs.openProtocol(handle, Alpha, world.agent, handle, BY_CHILD_CONTROLLER);
      }),
    ],
    [
      '3.13.2.6',
      'a protocol that is not there',
      (world) =>
        world.expectStatus('EFI_UNSUPPORTED', () =>
          world.bs.openProtocol(world.handle(), Beta, world.agent, undefined, GET_PROTOCOL),
        ),
    ],
    ...([...LOOKS, 'EXCLUSIVE', 'BY_DRIVER', 'BY_DRIVER | EXCLUSIVE'] as const).map(
      (name, index) => [`4.13.2.${index + 1}`, name, opens(name)] as const,
    ),
    ...HOLDS.map(
      (name, index) =>
        [
          `4.13.2.${index + 8}`,
          `${name} by another while it is held`,
          refused(name, false),
        ] as const,
    ),
    ...LOOKS.map(
      (name, index) =>
        [`4.14.2.${index + 1}`, `${name} while it is held, and again`, opensBeside(name)] as const,
    ),
    ...HOLDS.map(
      (name, index) =>
        [
          `4.14.2.${index + 5}, 4.15.2.${index + 1}`,
          `${name} by the same agent while it is held`,
          refused(name, true),
        ] as const,
    ),
  ]),
  ...checksOf('CloseProtocol', [
    [
      '3.14.2.1',
      'of a handle that is none',
      invalid((world) =>
        world.bs.closeProtocol(world.staleHandle(), Alpha, world.agent, undefined),
      ),
    ],
    [
      '3.14.2.2',
      'by an agent that is none',
      invalid((world) =>
        world.bs.closeProtocol(world.handle(), Alpha, world.staleHandle(), undefined),
      ),
    ],
    [
      '3.14.2.3',
      'for a controller that is none',
      invalid((world) =>
        world.bs.closeProtocol(world.handle(), Alpha, world.agent, world.staleHandle()),
      ),
    ],
    ['3.14.2.4', 'no protocol', 'C'],
    [
      '3.14.2.5',
      'a protocol that is not there',
      (world) =>
        world.expectStatus('EFI_NOT_FOUND', () =>
          world.bs.closeProtocol(world.handle(), Beta, world.agent, undefined),
        ),
    ],
    [
      '3.14.2.6',
      'what nobody has open',
      (world) =>
        world.expectStatus('EFI_NOT_FOUND', () =>
          world.bs.closeProtocol(world.handle(), Alpha, world.agent, undefined),
        ),
    ],
    ...([...LOOKS, ...HOLDS] as const).map(
      (name, index) => [`4.16.2.${index + 1}`, `what is open ${name}`, closes(name)] as const,
    ),
  ]),
  ...checksOf('OpenProtocolInformation', [
    [
      '3.15.2.1',
      'of a protocol that is not there',
      (world) =>
        world.expectStatus('EFI_NOT_FOUND', () =>
          world.bs.openProtocolInformation(world.handle(), Beta),
        ),
    ],
    [
      '4.17.2.1',
      'who has it open, for whom, how and how often',
      (world) => {
        const { bs, agent, controller } = world;
        const handle = world.handle();
        const two = [GET_PROTOCOL, BY_CHILD_CONTROLLER];
        for (const attributes of [...two, ...two]) world.open(handle, attributes);
        same(
          bs.openProtocolInformation(handle, Alpha),
          two.map((attributes) => ({
            agentHandle: agent,
            controllerHandle: controller,
            attributes,
            openCount: 2,
          })),
        );
      },
    ],
  ]),
];
