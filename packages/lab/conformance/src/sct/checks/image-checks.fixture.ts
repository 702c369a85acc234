import type { EfiHandle, EfiMemoryType, EfiStatus } from '@dxelab/uefi';
import {
  appendDevicePath,
  devicePath,
  DevicePathProtocol,
  EfiError,
  filePathNode,
  isEfiFailure,
  LoadedImageProtocol,
  pciNode,
} from '@dxelab/uefi';
import { smallestPe } from '../../services/smallest-pe.fixture.ts';
import type { Check, SctCheck } from '../sct-check.fixture.ts';
import { checksOf, same } from '../sct-check.fixture.ts';
import type { SctWorld } from '../sct-world.fixture.ts';

/** Subsystems of a PE file (UEFI §2.1.1). */
const KINDS = { application: 10, bootServicesDriver: 11, runtimeDriver: 12 } as const;
type Kind = keyof typeof KINDS;

const PATH = devicePath(pciNode(1, 0));
const FILE = appendDevicePath(PATH, devicePath(filePathNode('\\NOT.EFI')));

const MEMORY: readonly (readonly [Kind, EfiMemoryType, EfiMemoryType])[] = [
  ['application', 'EfiLoaderCode', 'EfiLoaderData'],
  ['bootServicesDriver', 'EfiBootServicesCode', 'EfiBootServicesData'],
  ['runtimeDriver', 'EfiRuntimeServicesCode', 'EfiRuntimeServicesData'],
];

function load(world: SctWorld, kind: Kind, program: SctWorld['program'] = () => {}): EfiHandle {
  return world.load(program, smallestPe({ subsystem: KINDS[kind] }));
}

/** Whether an image is still there. */
function isLoaded({ bs }: SctWorld, image: EfiHandle): boolean {
  try {
    return bs.handleProtocol(image, LoadedImageProtocol).imageSize > 0;
  } catch (caught) {
    if (isEfiFailure(caught)) return false;
    throw caught;
  }
}

/** Started, an image of this kind ends with `status` and stays, or not; what it is told to do first is done. */
function starts(
  kind: Kind,
  status: 'EFI_SUCCESS' | 'EFI_UNSUPPORTED',
  stays: boolean,
  exits: boolean,
): Check {
  return (world) => {
    let times = 0;
    const image = load(world, kind, (_world, self): EfiStatus => {
      times += 1;
      if (exits) world.bs.exit(self, status, Uint8Array.of(1, 2, 3));
      return exits ? 'EFI_ABORTED' : status;
    });
    world.expectStatus(status, () => world.bs.startImage(image));
    same([times, isLoaded(world, image)], [1, stays]);
  };
}

/** Unloading an image that was never started; through Exit it is the same. */
function unstarted(kind: Kind, end: (world: SctWorld, image: EfiHandle) => void): Check {
  return (world) => {
    const image = load(world, kind, () => {
      throw new TypeError('it was started');
    });
    end(world, image);
    same(isLoaded(world, image), false);
  };
}

/** Unloading a driver that was started, and what its Unload says. */
function unloads(
  kind: Kind,
  unload: 'none' | 'EFI_SUCCESS' | 'EFI_DEVICE_ERROR',
  status: EfiStatus,
): Check {
  return (world) => {
    const image = load(world, kind);
    world.bs.startImage(image);
    let asked = 0;
    if (unload !== 'none') {
      world.bs.handleProtocol(image, LoadedImageProtocol).unload = () => {
        asked += 1;
        if (unload !== 'EFI_SUCCESS') throw new EfiError(unload, 'it stays');
      };
    }
    world.expectStatus(status, () => world.bs.unloadImage(image));
    same([asked, isLoaded(world, image)], [unload === 'none' ? 0 : 1, status !== 'EFI_SUCCESS']);
  };
}

const exit = ({ bs }: SctWorld, image: EfiHandle): void => bs.exit(image, 'EFI_SUCCESS');

/** Image services (UEFI §7.4). */
export const IMAGE_CHECKS: readonly SctCheck[] = [
  ...checksOf('LoadImage', [
    [
      '3.1.2.1',
      'a parent that is no image',
      (world) =>
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.loadImage(false, world.handle(), undefined, smallestPe()),
        ),
    ],
    [
      '3.1.2.2',
      'neither a path nor a source',
      (world) =>
        world.expectStatus('EFI_NOT_FOUND', () =>
          world.bs.loadImage(false, world.agent, undefined),
        ),
    ],
    [
      '3.1.2.3',
      'a path to what has no files',
      (world) => {
        world.handleOf(DevicePathProtocol, PATH);
        world.expectStatus('EFI_NOT_FOUND', () => world.bs.loadImage(false, world.agent, PATH));
      },
    ],
    [
      '3.1.2.4',
      'a path to a file that is not there',
      (world) =>
        world.expectStatus('EFI_NOT_FOUND', () => world.bs.loadImage(false, world.agent, FILE)),
    ],
    ['3.1.2.5', 'no place for the image', 'C'],
    [
      '3.1.2.6',
      'a source of 0 bytes',
      (world) =>
        world.expectStatus('EFI_LOAD_ERROR', () =>
          world.bs.loadImage(false, world.agent, undefined, new Uint8Array(0)),
        ),
    ],
    [
      '4.1.2.1, 4.1.2.2, 4.1.2.7',
      'from a disk, from a firmware volume, through LoadFile',
      'volumes',
    ],
    ...MEMORY.map(
      ([kind, code, data]) =>
        [
          '4.1.2.3, 4.1.2.4',
          `${kind}, from memory: ${code}, ${data}`,
          (world: SctWorld) => {
            const { bs } = world;
            const image = bs.handleProtocol(load(world, kind), LoadedImageProtocol);
            same([image.imageCodeType, image.imageDataType], [code, data]);
          },
        ] as const,
    ),
    [
      '4.1.2.5',
      'what is no image for this machine',
      (world) => {
        for (const file of [new Uint8Array(1024), smallestPe({ machine: 0x1c0 })]) {
          const before = world.core.images().length;
          world.expectStatus('EFI_UNSUPPORTED', () =>
            world.bs.loadImage(false, world.agent, undefined, file),
          );
          same(world.core.images().length, before);
        }
      },
    ],
    ['4.1.2.6', 'a file larger than the memory', 'volumes'],
  ]),
  ...checksOf('StartImage', [
    [
      '3.2.2.1',
      'a handle that is no image',
      (world) =>
        world.expectStatus('EFI_INVALID_PARAMETER', () => world.bs.startImage(world.handle())),
    ],
    [
      '4.2.2.1',
      'an application, which then is gone',
      starts('application', 'EFI_SUCCESS', false, false),
    ],
    [
      '4.2.2.2',
      'a boot services driver, which stays',
      starts('bootServicesDriver', 'EFI_SUCCESS', true, false),
    ],
    [
      '4.2.2.3',
      'one that fails, which is gone',
      starts('bootServicesDriver', 'EFI_UNSUPPORTED', false, false),
    ],
    [
      '4.2.2.4',
      'a runtime driver, which stays',
      starts('runtimeDriver', 'EFI_SUCCESS', true, false),
    ],
    [
      '4.2.2.5',
      'one that fails, which is gone',
      starts('runtimeDriver', 'EFI_UNSUPPORTED', false, false),
    ],
    [
      'function 6',
      'an image that was started before',
      (world) => {
        const image = world.driver(() => {});
        world.expectStatus('EFI_INVALID_PARAMETER', () => world.bs.startImage(image));
      },
    ],
  ]),
  ...checksOf('UnloadImage', [
    [
      '3.3.2.1',
      'a handle that is no image',
      (world) =>
        world.expectStatus('EFI_INVALID_PARAMETER', () => world.bs.unloadImage(world.handle())),
    ],
    ...MEMORY.map(
      ([kind], index) =>
        [
          `4.3.2.${index + 1}`,
          `${kind}, not started`,
          unstarted(kind, ({ bs }, image) => bs.unloadImage(image)),
        ] as const,
    ),
    [
      '4.3.2.4',
      'an application that has ended',
      (world) => {
        const image = load(world, 'application');
        world.bs.startImage(image);
        world.expectStatus('EFI_INVALID_PARAMETER', () => world.bs.unloadImage(image));
      },
    ],
    [
      '4.3.2.5',
      'a boot services driver without Unload',
      unloads('bootServicesDriver', 'none', 'EFI_UNSUPPORTED'),
    ],
    [
      '4.3.2.6',
      'one whose Unload succeeds',
      unloads('bootServicesDriver', 'EFI_SUCCESS', 'EFI_SUCCESS'),
    ],
    [
      '4.3.2.7',
      'one whose Unload fails',
      unloads('bootServicesDriver', 'EFI_DEVICE_ERROR', 'EFI_DEVICE_ERROR'),
    ],
    [
      '4.3.2.8',
      'a runtime driver without Unload',
      unloads('runtimeDriver', 'none', 'EFI_UNSUPPORTED'),
    ],
    [
      '4.3.2.9',
      'one whose Unload succeeds',
      unloads('runtimeDriver', 'EFI_SUCCESS', 'EFI_SUCCESS'),
    ],
    [
      '4.3.2.10',
      'one whose Unload fails',
      unloads('runtimeDriver', 'EFI_DEVICE_ERROR', 'EFI_DEVICE_ERROR'),
    ],
  ]),
  ...checksOf('Exit', [
    [
      '3.4.2.1',
      'a handle that is no image',
      (world) => world.expectStatus('EFI_INVALID_PARAMETER', () => exit(world, world.handle())),
    ],
    ...MEMORY.map(
      ([kind], index) =>
        [`4.4.2.${index + 1}`, `${kind}, not started: it is gone`, unstarted(kind, exit)] as const,
    ),
    [
      '4.4.2.4',
      'an image that has started, by another: EFI_INVALID_PARAMETER',
      (world) =>
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          exit(
            world,
            world.driver(() => {}),
          ),
        ),
    ],
    ['4.4.2.5', 'an application, from within', starts('application', 'EFI_SUCCESS', false, true)],
    [
      '4.4.2.6',
      'an application, from within, with a failure',
      starts('application', 'EFI_UNSUPPORTED', false, true),
    ],
    [
      '4.4.2.7',
      'a boot services driver, from within',
      starts('bootServicesDriver', 'EFI_SUCCESS', true, true),
    ],
    [
      '4.4.2.8',
      'the same with a failure',
      starts('bootServicesDriver', 'EFI_UNSUPPORTED', false, true),
    ],
    [
      '4.4.2.9',
      'a runtime driver, from within',
      starts('runtimeDriver', 'EFI_SUCCESS', true, true),
    ],
    [
      '4.4.2.10',
      'the same with a failure',
      starts('runtimeDriver', 'EFI_UNSUPPORTED', false, true),
    ],
  ]),
  ...checksOf('ExitBootServices', [
    [
      '3.5.2.1',
      'a key that is no more',
      (world) => {
        const { mapKey } = world.bs.getMemoryMap();
        world.bs.allocatePages('AllocateAnyPages', 'EfiLoaderData', 1);
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.exitBootServices(world.agent, mapKey),
        );
      },
    ],
  ]),
];
