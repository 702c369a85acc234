import {
  devicePath,
  DevicePathProtocol,
  EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER as BY_CHILD_CONTROLLER,
  EFI_OPEN_PROTOCOL_BY_DRIVER as BY_DRIVER,
  EFI_OPEN_PROTOCOL_BY_HANDLE_PROTOCOL as BY_HANDLE_PROTOCOL,
  EFI_OPEN_PROTOCOL_EXCLUSIVE as EXCLUSIVE,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL as GET_PROTOCOL,
  EFI_OPEN_PROTOCOL_TEST_PROTOCOL as TEST_PROTOCOL,
  pciNode,
  protocolInterface,
  TPL_APPLICATION,
  TPL_CALLBACK,
} from '@dxelab/uefi';
import { Alpha, Beta } from '../../services/services-world.fixture.ts';
import type { Check, SctCheck } from '../sct-check.fixture.ts';
import { checksOf, same } from '../sct-check.fixture.ts';

const PATH = devicePath(pciNode(1, 0));
/** SCT's "no interface" protocols are installed with NULL. */
const NULL = Object.freeze({});

/** Uninstalling Alpha while it is open with these attributes. */
function uninstallOpen(attributes: number, goes: boolean): Check {
  return (world) => {
    const instance = {};
    const handle = world.open(world.handle(instance), attributes);
    world.expectStatus(goes ? 'EFI_SUCCESS' : 'EFI_ACCESS_DENIED', () =>
      world.bs.uninstallProtocolInterface(handle, Alpha, instance),
    );
    same(world.has(handle, Alpha), !goes);
  };
}

/** The same with Beta beside it: either both go, or neither. */
function uninstallBothOpen(attributes: number, goes: boolean): Check {
  return (world) => {
    const both = [protocolInterface(Alpha, {}), protocolInterface(Beta, {})];
    const handle = world.bs.installMultipleProtocolInterfaces(undefined, ...both);
    world.open(handle, attributes);
    world.expectStatus(goes ? 'EFI_SUCCESS' : 'EFI_INVALID_PARAMETER', () =>
      world.bs.uninstallMultipleProtocolInterfaces(handle, ...both),
    );
    same([world.has(handle, Alpha), world.has(handle, Beta)], [!goes, !goes]);
  };
}

/** Reinstalling Alpha while it is open with these attributes. */
function reinstallOpen(attributes: number, goes: boolean): Check {
  return (world) => {
    const [before, after] = [{}, {}];
    const handle = world.open(world.handle(before), attributes);
    world.expectStatus(goes ? 'EFI_SUCCESS' : 'EFI_ACCESS_DENIED', () =>
      world.bs.reinstallProtocolInterface(handle, Alpha, before, after),
    );
    same(world.bs.handleProtocol(handle, Alpha), goes ? after : before);
  };
}

function reinstall(before: object, after: object): Check {
  return ({ bs }) => {
    const handle = bs.installProtocolInterface(undefined, Alpha, before);
    bs.reinstallProtocolInterface(handle, Alpha, before, after);
    same(bs.handleProtocol(handle, Alpha), after);
  };
}

/** Installing several at a TPL, and who hears of it. */
function installBothAt(tpl: number): Check {
  return (world) => {
    const { bs } = world;
    const heard = [world.notify(Alpha), world.notify(Beta)];
    const old = bs.raiseTpl(tpl);
    const both = [protocolInterface(Alpha, {}), protocolInterface(Beta, {})];
    const handle = bs.installMultipleProtocolInterfaces(undefined, ...both);
    bs.restoreTpl(old);
    same([world.has(handle, Alpha), world.has(handle, Beta)], [true, true]);
    same(
      heard.map(({ times }) => times),
      [1, 1],
    );
  };
}

const OPEN_AND_GOES = [
  ['BY_HANDLE_PROTOCOL', BY_HANDLE_PROTOCOL, true],
  ['GET_PROTOCOL', GET_PROTOCOL, true],
  ['TEST_PROTOCOL', TEST_PROTOCOL, true],
  ['BY_CHILD_CONTROLLER', BY_CHILD_CONTROLLER, false],
  ['EXCLUSIVE', EXCLUSIVE, false],
  ['BY_DRIVER', BY_DRIVER, false],
  ['BY_DRIVER | EXCLUSIVE', BY_DRIVER | EXCLUSIVE, false],
] as const;

/** Checkpoints of one service that differ in how Alpha is open. */
function whileOpen(
  section: string,
  make: (attributes: number, goes: boolean) => Check,
  numbers: readonly number[] = [3, 4, 5, 6, 7, 8, 9],
): readonly (readonly [string, string, Check])[] {
  return OPEN_AND_GOES.map(([name, attributes, goes], index) => [
    `${section}.${numbers[index]}`,
    `${goes ? 'succeeds' : 'fails'} while it is open ${name}`,
    make(attributes, goes),
  ]);
}

/** Installing, uninstalling and reinstalling (UEFI §7.3.2 to §7.3.4, §7.3.17, §7.3.18). */
export const INSTALL_CHECKS: readonly SctCheck[] = [
  ...checksOf('InstallProtocolInterface', [
    ['3.1.2.1', 'an interface type that is none', 'C'],
    [
      '3.1.2.2',
      'upon a handle that is none',
      (world) =>
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.installProtocolInterface(world.staleHandle(), Alpha, {}),
        ),
    ],
    [
      '3.1.2.3',
      'the same protocol upon the same handle again',
      (world) => {
        const handle = world.handle();
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.installProtocolInterface(handle, Alpha, {}),
        );
      },
    ],
    ['3.1.2.4', 'no protocol', 'C'],
    [
      '4.1.2.1',
      'upon a new handle',
      (world) => {
        const handle = world.handle();
        same(world.handlesOf(Alpha), [handle]);
      },
    ],
    [
      '4.1.2.2',
      'upon a handle that is there',
      (world) => {
        const handle = world.handleOf(Beta);
        same(world.bs.installProtocolInterface(handle, Alpha, {}), handle);
        same(world.has(handle, Alpha), true);
      },
    ],
    [
      '4.1.2.3',
      'upon several handles',
      (world) => {
        const handles = Array.from({ length: 10 }, () => world.handle());
        same(world.handlesOf(Alpha), handles);
      },
    ],
    [
      '4.1.2.4',
      'several upon one handle',
      (world) => {
        const handle = world.handle();
        world.bs.installProtocolInterface(handle, Beta, {});
        same(world.bs.protocolsPerHandle(handle).length, 2);
      },
    ],
    [
      '4.1.2.5',
      'without an interface',
      (world) => same(world.has(world.handle(NULL), Alpha), true),
    ],
  ]),
  ...checksOf('UninstallProtocolInterface', [
    ['3.2.2.1', 'no protocol', 'C'],
    [
      '3.2.2.2',
      'from a handle that is none',
      (world) =>
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.uninstallProtocolInterface(world.staleHandle(), Alpha, {}),
        ),
    ],
    [
      '3.2.2.3',
      'a protocol that is not there',
      (world) =>
        world.expectStatus('EFI_NOT_FOUND', () =>
          world.bs.uninstallProtocolInterface(world.handle(), Beta, {}),
        ),
    ],
    [
      '3.2.2.4',
      'another interface than that which is there',
      (world) =>
        world.expectStatus('EFI_NOT_FOUND', () =>
          world.bs.uninstallProtocolInterface(world.handle(), Alpha, {}),
        ),
    ],
    [
      '4.2.2.1',
      'one of two that nobody has open',
      (world) => {
        const instance = {};
        const handle = world.handle(instance);
        world.bs.installProtocolInterface(handle, Beta, {});
        world.bs.uninstallProtocolInterface(handle, Alpha, instance);
        same([world.has(handle, Alpha), world.has(handle, Beta)], [false, true]);
      },
    ],
    [
      '4.2.2.2',
      'all of them, and the handle is gone',
      (world) => {
        const instance = {};
        const handle = world.handle(instance);
        world.bs.uninstallProtocolInterface(handle, Alpha, instance);
        world.expectStatus('EFI_INVALID_PARAMETER', () => world.bs.protocolsPerHandle(handle));
      },
    ],
    ...whileOpen('4.2.2', uninstallOpen),
    [
      '4.2.2.10',
      'one without an interface',
      (world) => {
        const handle = world.handle(NULL);
        world.bs.uninstallProtocolInterface(handle, Alpha, NULL);
        same(world.handlesOf(Alpha), []);
      },
    ],
  ]),
  ...checksOf('ReinstallProtocolInterface', [
    ['3.3.2.1', 'no protocol', 'C'],
    [
      '3.3.2.2',
      'another old interface than that which is there',
      (world) =>
        world.expectStatus('EFI_NOT_FOUND', () =>
          world.bs.reinstallProtocolInterface(world.handle(), Alpha, {}, {}),
        ),
    ],
    [
      '3.3.2.3',
      'a protocol that is not there',
      (world) =>
        world.expectStatus('EFI_NOT_FOUND', () =>
          world.bs.reinstallProtocolInterface(world.handle(), Beta, {}, {}),
        ),
    ],
    [
      '3.3.2.4',
      'upon a handle that is none',
      (world) =>
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.reinstallProtocolInterface(world.staleHandle(), Alpha, {}, {}),
        ),
    ],
    ['4.3.2.1', 'the same interface', reinstall(NULL, NULL)],
    ['4.3.2.2', 'another interface', reinstall({}, {})],
    ...whileOpen('4.3.2', reinstallOpen, [3, 4, 5, 6, 8, 7, 9]),
    ['4.3.2.10', 'none in place of none', reinstall(NULL, NULL)],
    ['4.3.2.11', 'one in place of none', reinstall(NULL, {})],
    ['4.3.2.12', 'none in place of one', reinstall({}, NULL)],
  ]),
  ...checksOf('InstallMultipleProtocolInterfaces', [
    ['3.5.2.0', 'no place for the handle', 'C'],
    [
      '3.5.2.1',
      'a device path that another handle has, and nothing is installed',
      (world) => {
        const { bs } = world;
        world.bs.installProtocolInterface(undefined, DevicePathProtocol, PATH);
        world.expectStatus('EFI_ALREADY_STARTED', () =>
          bs.installMultipleProtocolInterfaces(
            undefined,
            protocolInterface(Alpha, {}),
            protocolInterface(DevicePathProtocol, devicePath(pciNode(1, 0))),
          ),
        );
        same(world.handlesOf(Alpha), []);
      },
    ],
    [
      '3.5.2.2',
      'upon a handle that is none, and nothing is installed',
      (world) => {
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.installMultipleProtocolInterfaces(
            world.staleHandle(),
            protocolInterface(Alpha, {}),
            protocolInterface(Beta, {}),
          ),
        );
        same([...world.handlesOf(Alpha), ...world.handlesOf(Beta)], []);
      },
    ],
    [
      '3.5.2.3, 4.5.2.5',
      'one that is there already, and nothing else is installed either',
      (world) => {
        const handle = world.handle();
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.installMultipleProtocolInterfaces(
            handle,
            protocolInterface(Beta, {}),
            protocolInterface(Alpha, {}),
          ),
        );
        same([world.has(handle, Alpha), world.has(handle, Beta)], [true, false]);
      },
    ],
    [
      '4.5.2.1',
      'one upon a new handle',
      (world) => {
        const one = protocolInterface(Alpha, {});
        const handle = world.bs.installMultipleProtocolInterfaces(undefined, one);
        same(world.handlesOf(Alpha), [handle]);
      },
    ],
    [
      '4.5.2.2',
      'one upon a handle that is there',
      (world) => {
        const handle = world.handleOf(Beta);
        world.bs.installMultipleProtocolInterfaces(handle, protocolInterface(Alpha, {}));
        same(world.handlesOf(Alpha), [handle]);
      },
    ],
    ['4.5.2.3', 'several upon a new handle', installBothAt(TPL_APPLICATION)],
    [
      '4.5.2.4',
      'several upon a handle that is there',
      (world) => {
        const handle = world.handleOf(DevicePathProtocol, PATH);
        const both = [protocolInterface(Alpha, {}), protocolInterface(Beta, {})];
        world.bs.installMultipleProtocolInterfaces(handle, ...both);
        same(world.bs.protocolsPerHandle(handle).length, 3);
      },
    ],
    [
      '4.5.2.6',
      'at TPL_APPLICATION, and who registered hears of it',
      installBothAt(TPL_APPLICATION),
    ],
    ['4.5.2.7', 'at TPL_CALLBACK, and who registered hears of it', installBothAt(TPL_CALLBACK)],
    ['4.5.2.8', 'at TPL_NOTIFY, and who registered hears of it', 'skipped'],
  ]),
  ...checksOf('UninstallMultipleProtocolInterfaces', [
    [
      '3.6.2.1',
      'one that is not there, and nothing is uninstalled',
      (world) => {
        const both = [protocolInterface(Alpha, {}), protocolInterface(Beta, {})] as const;
        const handle = world.bs.installMultipleProtocolInterfaces(undefined, ...both);
        const third = protocolInterface(DevicePathProtocol, PATH);
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.uninstallMultipleProtocolInterfaces(handle, both[0], third),
        );
        same([world.has(handle, Alpha), world.has(handle, Beta)], [true, true]);
      },
    ],
    [
      '4.6.2.1',
      'one of two that nobody has open',
      (world) => {
        const instance = {};
        const handle = world.handle(instance);
        world.bs.installProtocolInterface(handle, Beta, {});
        world.bs.uninstallMultipleProtocolInterfaces(handle, protocolInterface(Alpha, instance));
        same([world.has(handle, Alpha), world.has(handle, Beta)], [false, true]);
      },
    ],
    [
      '4.6.2.2, 4.6.2.10',
      'all of them, without interfaces, too',
      (world) => {
        const both = [protocolInterface(Alpha, NULL), protocolInterface(Beta, NULL)];
        const handle = world.bs.installMultipleProtocolInterfaces(undefined, ...both);
        world.bs.uninstallMultipleProtocolInterfaces(handle, ...both);
        same([...world.handlesOf(Alpha), ...world.handlesOf(Beta)], []);
      },
    ],
    ...whileOpen('4.6.2', uninstallBothOpen),
  ]),
];
