import {
  appendDevicePath,
  DevicePathProtocol,
  devicePath,
  EfiError,
  filePathNode,
  isEfiFailure,
  pciNode,
  protocolInterface,
  SimpleFileSystemProtocol,
} from '@dxelab/uefi';
import { smallestPe } from '../smallest-pe.fixture.ts';
import type { StatusCase } from '../status-case.fixture.ts';
import { casesOf } from '../status-case.fixture.ts';

const PATH = devicePath(pciNode(1, 0));

/** Image services (UEFI §7.4). */
export const IMAGE_CASES: readonly StatusCase[] = [
  ...casesOf('LoadImage', [
    { status: 'EFI_SUCCESS', how: 'an image for this machine', provoke: (world) => world.load() },
    {
      status: 'EFI_NOT_FOUND',
      how: 'neither a source nor a path',
      provoke: ({ bs, agent }) => bs.loadImage(false, agent, undefined),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'a parent that is no image',
      provoke: (world) => world.bs.loadImage(false, world.handle(), undefined, smallestPe()),
    },
    {
      status: 'EFI_UNSUPPORTED',
      how: 'an image for another machine',
      provoke: (world) => world.load(() => {}, smallestPe({ machine: 0xaa64 })),
    },
    {
      status: 'EFI_LOAD_ERROR',
      how: 'an image of 0 bytes',
      provoke: (world) => world.load(() => {}, new Uint8Array(0)),
    },
    {
      status: 'EFI_DEVICE_ERROR',
      how: 'from a volume that cannot be read',
      provoke: ({ bs, agent }) => {
        bs.installMultipleProtocolInterfaces(
          undefined,
          protocolInterface(DevicePathProtocol, PATH),
          protocolInterface(SimpleFileSystemProtocol, {
            revision: 0x10000,
            openVolume: () => {
              throw new EfiError('EFI_DEVICE_ERROR', 'the medium cannot be read');
            },
          }),
        );
        const file = appendDevicePath(PATH, devicePath(filePathNode('\\A.EFI')));
        bs.loadImage(false, agent, file);
      },
    },
    {
      status: 'EFI_ACCESS_DENIED',
      how: 'the security policy forbids it',
      provoke: (world) => {
        world.forbid('EFI_ACCESS_DENIED');
        world.load();
      },
    },
    {
      status: 'EFI_SECURITY_VIOLATION',
      how: 'the security policy wants the user to be authenticated first',
      provoke: (world) => {
        world.forbid('EFI_SECURITY_VIOLATION');
        world.load();
      },
    },
    {
      status: 'EFI_OUT_OF_RESOURCES',
      how: 'when no memory is left',
      provoke: (world) => {
        const { bs } = world;
        for (const { type, physicalStart, numberOfPages } of bs.getMemoryMap().descriptors) {
          if (type !== 'EfiConventionalMemory') continue;
          bs.allocatePages('AllocateAddress', 'EfiLoaderData', numberOfPages, physicalStart);
        }
        world.load();
      },
    },
  ]),
  ...casesOf('StartImage', [
    {
      status: 'EFI_SUCCESS',
      how: 'an image that returns it',
      provoke: (world) => world.bs.startImage(world.load()),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'an image that was started before',
      provoke: (world) => world.bs.startImage(world.driver(() => {})),
    },
    {
      status: 'EFI_SECURITY_VIOLATION',
      how: 'an image that LoadImage has refused with it, and loaded',
      provoke: (world) => {
        world.forbid('EFI_SECURITY_VIOLATION');
        const before = world.core.images();
        try {
          world.load();
        } catch (caught) {
          if (!isEfiFailure(caught)) throw caught;
        }
        for (const { handle } of world.core.images().slice(before.length)) {
          world.bs.startImage(handle);
        }
      },
    },
  ]),
  ...casesOf('UnloadImage', [
    {
      status: 'EFI_SUCCESS',
      how: 'an image that was not started',
      provoke: (world) => world.bs.unloadImage(world.load()),
    },
    {
      status: 'EFI_UNSUPPORTED',
      how: 'an image without an Unload function',
      provoke: (world) => world.bs.unloadImage(world.driver(() => {})),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'a handle that is no image',
      provoke: (world) => world.bs.unloadImage(world.handle()),
    },
  ]),
  ...casesOf('Exit', [
    {
      status: 'EFI_SUCCESS',
      how: 'of an image that was not started: it is unloaded',
      provoke: (world) => world.bs.exit(world.load(), 'EFI_SUCCESS'),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'of an image that has returned',
      provoke: (world) =>
        world.bs.exit(
          world.driver(() => {}),
          'EFI_SUCCESS',
        ),
    },
  ]),
  ...casesOf('ExitBootServices', [
    {
      status: 'EFI_SUCCESS',
      how: 'with the key of the memory map',
      provoke: ({ bs, agent }) => bs.exitBootServices(agent, bs.getMemoryMap().mapKey),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'with the key of an older map',
      provoke: ({ bs, agent }) => {
        const { mapKey } = bs.getMemoryMap();
        bs.allocatePages('AllocateAnyPages', 'EfiLoaderData', 1);
        bs.exitBootServices(agent, mapKey);
      },
    },
  ]),
];
