import type { EfiHandle } from '@dxelab/uefi';
import {
  BusSpecificDriverOverrideProtocol,
  endDevicePath,
  PlatformDriverOverrideProtocol,
} from '@dxelab/uefi';
import { Alpha, Beta } from '../../services/services-world.fixture.ts';
import type { Check, SctCheck } from '../sct-check.fixture.ts';
import { checksOf, same } from '../sct-check.fixture.ts';
import type { SctWorld } from '../sct-world.fixture.ts';

/** The images of an override, one after the other. */
function listOf(images: readonly EfiHandle[]) {
  return (previous: EfiHandle | undefined): EfiHandle | undefined =>
    images[previous === undefined ? 0 : images.indexOf(previous) + 1];
}

function overridePlatform({ bs }: SctWorld, images: readonly EfiHandle[]): void {
  const next = listOf(images);
  const getDriver = (_controller: EfiHandle, previous: EfiHandle | undefined) => next(previous);
  bs.installProtocolInterface(undefined, PlatformDriverOverrideProtocol, { getDriver });
}

function overrideBus({ bs }: SctWorld, controller: EfiHandle, images: readonly EfiHandle[]): void {
  const getDriver = listOf(images);
  bs.installProtocolInterface(controller, BusSpecificDriverOverrideProtocol, { getDriver });
}

/** How each of the five rules says which of three drivers goes first. */
interface Precedence {
  readonly context?: number;
  readonly platform?: number;
  readonly bus?: number;
  /** Which driver has the highest version. Absent: they are all alike. */
  readonly version?: number;
  readonly first: number;
}

/** Of three drivers that all want the controller for themselves, only the first one gets it. */
function precedence({ context, platform, bus, version, first }: Precedence): Check {
  return (world) => {
    const images = [0, 1, 2].map((index) =>
      world.install({ version: index === version ? 0x20 : 0x10 }),
    );
    const image = (index: number | undefined) => images.filter((_image, place) => place === index);
    const handle = world.handle();
    if (platform !== undefined) overridePlatform(world, image(platform));
    if (bus !== undefined) overrideBus(world, handle, image(bus));
    world.bs.connectController(handle, image(context));
    same(world.started, image(first));
  };
}

/** All of a list are asked, in its order. */
function inOrder(
  use: (world: SctWorld, handle: EfiHandle, images: readonly EfiHandle[]) => void,
): Check {
  return (world) => {
    const drivers = [world.install({ manages: Beta }), world.install(), world.install()];
    const handle = world.handle();
    world.bs.installProtocolInterface(handle, Beta, {});
    const images = [1, 0, 2].flatMap((index) => drivers[index] ?? []);
    use(world, handle, images);
    same(world.started, images.slice(0, 2));
  };
}

/** A bus with two children, which a device driver knows, too. */
function connectBus(world: SctWorld, recursive: boolean) {
  const image = world.install({ children: 2 });
  const device = world.install({ manages: Beta });
  const handle = world.handle();
  world.bs.connectController(handle, [], undefined, recursive);
  return { image, device, handle, children: world.handlesOf(Beta) };
}

/** ConnectController and DisconnectController (UEFI §7.3.12, §7.3.13). */
export const CONNECT_CHECKS: readonly SctCheck[] = [
  ...checksOf('ConnectController', [
    [
      '3.16.2.1',
      'a handle that is none',
      (world) =>
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.connectController(world.staleHandle()),
        ),
    ],
    [
      '3.16.2.2',
      'no driver for it',
      (world) =>
        world.expectStatus('EFI_NOT_FOUND', () => world.bs.connectController(world.handle())),
    ],
    [
      '4.18.2.1',
      'no driver for it, and an End node as the remaining path',
      (world) => {
        // the drivers of a platform, none of which knows this controller
        world.install({ manages: Beta });
        world.bs.connectController(world.handle(), [], endDevicePath());
        same(world.started, []);
      },
    ],
    [
      '4.18.2.2',
      'a device driver',
      (world) => {
        const image = world.install();
        world.bs.connectController(world.handle());
        same(world.started, [image]);
      },
    ],
    [
      '4.18.2.3',
      'a bus driver',
      (world) => {
        const { image, children } = connectBus(world, false);
        same(world.started, [image]);
        same(children.length, 2);
      },
    ],
    [
      '4.18.2.4',
      'not recursive: drivers of the children are not started',
      (world) => {
        const { image } = connectBus(world, false);
        same(world.started, [image]);
      },
    ],
    [
      '4.18.2.5',
      'recursive: drivers of the children are started',
      (world) => {
        const { image, device } = connectBus(world, true);
        same(world.started, [image, device, device]);
      },
    ],
    [
      '4.18.2.6',
      'all drivers for it, recursive or not',
      (world) => {
        for (const recursive of [false, true]) {
          const images = [world.install({ manages: Beta }), world.install()];
          const handle = world.handle();
          world.bs.installProtocolInterface(handle, Beta, {});
          world.bs.connectController(handle, images, undefined, recursive);
          same(world.started.splice(0), images);
        }
      },
    ],
    [
      '4.18.2.7',
      'the list of images, in its order',
      inOrder((world, handle, images) => world.bs.connectController(handle, images)),
    ],
    [
      '4.18.2.8',
      'the list of the platform, in its order',
      inOrder((world, handle, images) => {
        overridePlatform(world, images);
        world.bs.connectController(handle);
      }),
    ],
    [
      '4.18.2.9',
      'the list of the bus, in its order',
      inOrder((world, handle, images) => {
        overrideBus(world, handle, images);
        world.bs.connectController(handle);
      }),
    ],
    ['4.18.2.10', 'the higher version first', precedence({ version: 2, first: 2 })],
    [
      '4.18.2.11',
      'the list of images before the platform',
      precedence({ context: 1, platform: 0, first: 1 }),
    ],
    [
      '4.18.2.12',
      'the list of images before the bus',
      precedence({ context: 1, bus: 0, first: 1 }),
    ],
    [
      '4.18.2.13',
      'the list of images before the version',
      precedence({ context: 1, version: 0, first: 1 }),
    ],
    ['4.18.2.14', 'the platform before the bus', precedence({ platform: 2, bus: 0, first: 2 })],
    [
      '4.18.2.15',
      'the platform before the version',
      precedence({ platform: 1, version: 0, first: 1 }),
    ],
    ['4.18.2.16', 'the bus before the version', precedence({ bus: 2, version: 0, first: 2 })],
  ]),
  ...checksOf('DisconnectController', [
    [
      '3.17.2.1',
      'a handle that is none',
      (world) =>
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.disconnectController(world.staleHandle()),
        ),
    ],
    [
      '3.17.2.2',
      'an image that is none',
      (world) => {
        const handle = world.handle();
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.disconnectController(handle, world.staleHandle()),
        );
      },
    ],
    [
      '3.17.2.3',
      'a child that is none',
      (world) => {
        const { handle } = connectBus(world, false);
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.disconnectController(handle, undefined, world.staleHandle()),
        );
      },
    ],
    [
      '4.19.2.1',
      'a controller that nobody manages',
      (world) => world.bs.disconnectController(world.handle()),
    ],
    ['4.19.2.2', 'a driver that does not manage it, as nobody does', 'skipped'],
    [
      '4.19.2.3',
      'one driver of several',
      (world) => {
        const images = [world.install({ manages: Beta }), world.install()];
        const handle = world.handle();
        world.bs.installProtocolInterface(handle, Beta, {});
        world.bs.connectController(handle);
        world.bs.disconnectController(handle, images[0]);
        same(world.bs.openProtocolInformation(handle, Beta), []);
        same(world.bs.openProtocolInformation(handle, Alpha).length, 1);
      },
    ],
    [
      '4.19.2.4',
      'all drivers of several',
      (world) => {
        world.install({ manages: Beta });
        world.install();
        const handle = world.handle();
        world.bs.installProtocolInterface(handle, Beta, {});
        world.bs.connectController(handle);
        world.bs.disconnectController(handle);
        for (const protocol of [Alpha, Beta]) {
          same(world.bs.openProtocolInformation(handle, protocol), []);
        }
      },
    ],
    [
      '4.19.2.5',
      'a bus driver: all its children are gone',
      (world) => {
        const { image, handle } = connectBus(world, true);
        world.bs.disconnectController(handle, image);
        same(world.handlesOf(Beta), []);
        same(world.bs.openProtocolInformation(handle, Alpha), []);
      },
    ],
    [
      '4.19.2.6',
      'a bus driver and a child: only that child is gone',
      (world) => {
        const { image, handle, children } = connectBus(world, true);
        world.bs.disconnectController(handle, image, children[0]);
        same(world.handlesOf(Beta), children.slice(1));
      },
    ],
  ]),
];
