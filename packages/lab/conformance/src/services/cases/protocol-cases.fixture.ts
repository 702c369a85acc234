import type { EfiHandle } from '@dxelab/uefi';
import {
  DevicePathProtocol,
  devicePath,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_EXCLUSIVE,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  EfiError,
  EVT_NOTIFY_SIGNAL,
  pciNode,
  protocolInterface,
  TPL_CALLBACK,
} from '@dxelab/uefi';
import type { ServicesWorld } from '../services-world.fixture.ts';
import { Alpha, Beta } from '../services-world.fixture.ts';
import type { StatusCase, UnprovokedStatus } from '../status-case.fixture.ts';
import { casesOf } from '../status-case.fixture.ts';

const PATH = devicePath(pciNode(1, 0));

/** A handle whose Alpha a driver has open BY_DRIVER, and refuses to give up. */
function held(world: ServicesWorld, instance: object): EfiHandle {
  const handle = world.handle(instance);
  world.bind(() => {
    throw new EfiError('EFI_DEVICE_ERROR', 'this driver does not stop');
  });
  world.bs.connectController(handle);
  return handle;
}

/** Protocol handler services (UEFI §7.3). */
export const PROTOCOL_CASES: readonly StatusCase[] = [
  ...casesOf('InstallProtocolInterface', [
    {
      status: 'EFI_SUCCESS',
      how: 'on a new handle',
      provoke: ({ bs }) => bs.installProtocolInterface(undefined, Alpha, {}),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'on a handle that has the protocol',
      provoke: (world) => world.bs.installProtocolInterface(world.handle(), Alpha, {}),
    },
  ]),
  ...casesOf('UninstallProtocolInterface', [
    {
      status: 'EFI_SUCCESS',
      how: 'what was installed',
      provoke: (world) => world.staleHandle(),
    },
    {
      status: 'EFI_NOT_FOUND',
      how: 'another interface of the protocol',
      provoke: (world) => world.bs.uninstallProtocolInterface(world.handle(), Alpha, {}),
    },
    {
      status: 'EFI_ACCESS_DENIED',
      how: 'while a driver uses it that does not stop',
      provoke: (world) => {
        const instance = {};
        world.bs.uninstallProtocolInterface(held(world, instance), Alpha, instance);
      },
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'of a handle that is gone',
      provoke: (world) => world.bs.uninstallProtocolInterface(world.staleHandle(), Alpha, {}),
    },
  ]),
  ...casesOf('ReinstallProtocolInterface', [
    {
      status: 'EFI_SUCCESS',
      how: 'what was installed, by another interface',
      provoke: (world) => {
        const instance = {};
        world.bs.reinstallProtocolInterface(world.handle(instance), Alpha, instance, {});
      },
    },
    {
      status: 'EFI_NOT_FOUND',
      how: 'another interface of the protocol',
      provoke: (world) => world.bs.reinstallProtocolInterface(world.handle(), Alpha, {}, {}),
    },
    {
      status: 'EFI_ACCESS_DENIED',
      how: 'while a driver uses it that does not stop',
      provoke: (world) => {
        const instance = {};
        world.bs.reinstallProtocolInterface(held(world, instance), Alpha, instance, {});
      },
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'of a handle that is gone',
      provoke: (world) => world.bs.reinstallProtocolInterface(world.staleHandle(), Alpha, {}, {}),
    },
  ]),
  ...casesOf('RegisterProtocolNotify', [
    {
      status: 'EFI_SUCCESS',
      how: 'an event that is open',
      provoke: ({ bs }) =>
        bs.registerProtocolNotify(
          Alpha,
          bs.createEvent(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, () => {}, null),
        ),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'an event that is closed',
      provoke: ({ bs }) => {
        const event = bs.createEvent(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, () => {}, null);
        bs.closeEvent(event);
        bs.registerProtocolNotify(Alpha, event);
      },
    },
  ]),
  ...casesOf('LocateHandle', [
    {
      status: 'EFI_SUCCESS',
      how: 'all handles',
      provoke: ({ bs }) => bs.locateHandleBuffer({ type: 'AllHandles' }),
    },
    {
      status: 'EFI_NOT_FOUND',
      how: 'of a protocol that nobody has installed',
      provoke: ({ bs }) => bs.locateHandleBuffer({ type: 'ByProtocol', protocol: Beta }),
    },
  ]),
  ...casesOf('HandleProtocol', [
    {
      status: 'EFI_SUCCESS',
      how: 'a protocol of the handle',
      provoke: (world) => world.bs.handleProtocol(world.handle(), Alpha),
    },
    {
      status: 'EFI_UNSUPPORTED',
      how: 'a protocol that the handle has not',
      provoke: (world) => world.bs.handleProtocol(world.handle(), Beta),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'a handle that is gone',
      provoke: (world) => world.bs.handleProtocol(world.staleHandle(), Alpha),
    },
  ]),
  ...casesOf('LocateDevicePath', [
    {
      status: 'EFI_SUCCESS',
      how: 'a path that a handle has',
      provoke: ({ bs }) => {
        bs.installProtocolInterface(undefined, DevicePathProtocol, PATH);
        return bs.locateDevicePath(DevicePathProtocol, PATH);
      },
    },
    {
      status: 'EFI_NOT_FOUND',
      how: 'a path of which no handle has the beginning',
      provoke: ({ bs }) => bs.locateDevicePath(DevicePathProtocol, PATH),
    },
  ]),
  ...casesOf('OpenProtocol', [
    {
      status: 'EFI_SUCCESS',
      how: 'GET_PROTOCOL',
      provoke: (world) => open(world, world.handle(), EFI_OPEN_PROTOCOL_GET_PROTOCOL),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'attributes that no rule allows',
      provoke: (world) => open(world, world.handle(), 0x40),
    },
    {
      status: 'EFI_UNSUPPORTED',
      how: 'a protocol that the handle has not',
      provoke: ({ bs, agent }) =>
        bs.openProtocol(agent, Beta, agent, undefined, EFI_OPEN_PROTOCOL_GET_PROTOCOL),
    },
    {
      status: 'EFI_ACCESS_DENIED',
      how: 'EXCLUSIVE while a driver has it that does not stop',
      provoke: (world) => open(world, held(world, {}), EFI_OPEN_PROTOCOL_EXCLUSIVE),
    },
    {
      status: 'EFI_ALREADY_STARTED',
      how: 'BY_DRIVER a second time by the same agent',
      provoke: (world) => {
        const handle = world.handle();
        open(world, handle, EFI_OPEN_PROTOCOL_BY_DRIVER);
        open(world, handle, EFI_OPEN_PROTOCOL_BY_DRIVER);
      },
    },
  ]),
  ...casesOf('CloseProtocol', [
    {
      status: 'EFI_SUCCESS',
      how: 'what the agent has open',
      provoke: (world) => {
        const handle = world.handle();
        open(world, handle, EFI_OPEN_PROTOCOL_BY_DRIVER);
        world.bs.closeProtocol(handle, Alpha, world.agent, handle);
      },
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'of a handle that is gone',
      provoke: (world) =>
        world.bs.closeProtocol(world.staleHandle(), Alpha, world.agent, undefined),
    },
    {
      status: 'EFI_NOT_FOUND',
      how: 'what the agent has not open',
      provoke: (world) => world.bs.closeProtocol(world.handle(), Alpha, world.agent, undefined),
    },
  ]),
  ...casesOf('OpenProtocolInformation', [
    {
      status: 'EFI_SUCCESS',
      how: 'a protocol of the handle',
      provoke: (world) => world.bs.openProtocolInformation(world.handle(), Alpha),
    },
    {
      status: 'EFI_NOT_FOUND',
      how: 'a protocol that the handle has not',
      provoke: (world) => world.bs.openProtocolInformation(world.handle(), Beta),
    },
  ]),
  ...casesOf('ProtocolsPerHandle', [
    {
      status: 'EFI_SUCCESS',
      how: 'a handle',
      provoke: (world) => world.bs.protocolsPerHandle(world.handle()),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'a handle that is gone',
      provoke: (world) => world.bs.protocolsPerHandle(world.staleHandle()),
    },
  ]),
  ...casesOf('LocateHandleBuffer', [
    {
      status: 'EFI_SUCCESS',
      how: 'by a protocol',
      provoke: (world) => {
        world.handle();
        return world.bs.locateHandleBuffer({ type: 'ByProtocol', protocol: Alpha });
      },
    },
    {
      status: 'EFI_NOT_FOUND',
      how: 'of a protocol that nobody has installed',
      provoke: ({ bs }) => bs.locateHandleBuffer({ type: 'ByProtocol', protocol: Beta }),
    },
  ]),
  ...casesOf('LocateProtocol', [
    {
      status: 'EFI_SUCCESS',
      how: 'a protocol of some handle',
      provoke: (world) => {
        world.handle();
        return world.bs.locateProtocol(Alpha);
      },
    },
    {
      status: 'EFI_NOT_FOUND',
      how: 'a protocol that nobody has installed',
      provoke: ({ bs }) => bs.locateProtocol(Beta),
    },
  ]),
  ...casesOf('InstallMultipleProtocolInterfaces', [
    {
      status: 'EFI_SUCCESS',
      how: 'two on a new handle',
      provoke: ({ bs }) =>
        bs.installMultipleProtocolInterfaces(
          undefined,
          protocolInterface(Alpha, {}),
          protocolInterface(Beta, {}),
        ),
    },
    {
      status: 'EFI_ALREADY_STARTED',
      how: 'a device path that another handle has',
      provoke: ({ bs }) => {
        bs.installProtocolInterface(undefined, DevicePathProtocol, PATH);
        bs.installMultipleProtocolInterfaces(
          undefined,
          protocolInterface(DevicePathProtocol, PATH),
        );
      },
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'the same protocol twice',
      provoke: ({ bs }) =>
        bs.installMultipleProtocolInterfaces(
          undefined,
          protocolInterface(Alpha, {}),
          protocolInterface(Alpha, {}),
        ),
    },
  ]),
  ...casesOf('UninstallMultipleProtocolInterfaces', [
    {
      status: 'EFI_SUCCESS',
      how: 'what was installed',
      provoke: (world) => {
        const instance = {};
        const handle = world.handle(instance);
        world.bs.uninstallMultipleProtocolInterfaces(handle, protocolInterface(Alpha, instance));
      },
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'what was not installed',
      provoke: (world) =>
        world.bs.uninstallMultipleProtocolInterfaces(world.handle(), protocolInterface(Beta, {})),
    },
  ]),
];

const RECORDS = [
  'InstallProtocolInterface',
  'RegisterProtocolNotify',
  'OpenProtocolInformation',
  'ProtocolsPerHandle',
  'LocateHandleBuffer',
  'InstallMultipleProtocolInterfaces',
] as const;

export const PROTOCOL_UNPROVOKED: readonly UnprovokedStatus[] = [
  ...RECORDS.map((service) => ({
    service,
    status: 'EFI_OUT_OF_RESOURCES' as const,
    why: 'records' as const,
  })),
  { service: 'LocateHandle', status: 'EFI_BUFFER_TOO_SMALL', why: 'C' },
  { service: 'LocateHandle', status: 'EFI_INVALID_PARAMETER', why: 'C' },
  { service: 'LocateHandleBuffer', status: 'EFI_INVALID_PARAMETER', why: 'C' },
  { service: 'LocateDevicePath', status: 'EFI_INVALID_PARAMETER', why: 'C' },
  { service: 'LocateProtocol', status: 'EFI_INVALID_PARAMETER', why: 'C' },
];

function open({ bs, agent }: ServicesWorld, handle: EfiHandle, attributes: number): object {
  return bs.openProtocol(handle, Alpha, agent, handle, attributes);
}
