import { devicePath, DevicePathProtocol, EfiError, pciNode } from '@dxelab/uefi';
import type { StatusCase, UnprovokedStatus } from '../status-case.fixture.ts';
import { casesOf } from '../status-case.fixture.ts';

/** Connecting and disconnecting (UEFI §7.3.12, §7.3.13). */
export const DRIVER_CASES: readonly StatusCase[] = [
  ...casesOf('ConnectController', [
    {
      status: 'EFI_SUCCESS',
      how: 'a driver starts',
      provoke: (world) => {
        world.bind();
        world.bs.connectController(world.handle());
      },
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'a handle that is gone',
      provoke: (world) => world.bs.connectController(world.staleHandle()),
    },
    {
      status: 'EFI_NOT_FOUND',
      how: 'no driver supports the controller',
      provoke: (world) => world.bs.connectController(world.handle()),
    },
    {
      status: 'EFI_SECURITY_VIOLATION',
      how: 'the security policy wants the user to be authenticated first',
      provoke: (world) => {
        world.forbid('EFI_SECURITY_VIOLATION');
        const path = devicePath(pciNode(1, 0));
        world.bs.connectController(
          world.bs.installProtocolInterface(undefined, DevicePathProtocol, path),
        );
      },
    },
  ]),
  ...casesOf('DisconnectController', [
    {
      status: 'EFI_SUCCESS',
      how: 'a driver stops',
      provoke: (world) => {
        const handle = world.handle();
        world.bind();
        world.bs.connectController(handle);
        world.bs.disconnectController(handle);
      },
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'a handle that is gone',
      provoke: (world) => world.bs.disconnectController(world.staleHandle()),
    },
    {
      status: 'EFI_DEVICE_ERROR',
      how: 'the driver does not stop',
      profile: 'specification',
      provoke: (world) => {
        const handle = world.handle();
        world.bind(() => {
          throw new EfiError('EFI_DEVICE_ERROR', 'this driver does not stop');
        });
        world.bs.connectController(handle);
        world.bs.disconnectController(handle);
      },
    },
  ]),
];

export const DRIVER_UNPROVOKED: readonly UnprovokedStatus[] = [
  { service: 'DisconnectController', status: 'EFI_OUT_OF_RESOURCES', why: 'records' },
];
