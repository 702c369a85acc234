import type { EfiHandle, EfiLoadedImage } from '@dxelab/uefi';
import {
  BdsArchProtocol,
  DevicePathProtocol,
  DriverBindingProtocol,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  EVT_NOTIFY_SIGNAL,
  EfiError,
  LoadedImageDevicePathProtocol,
  LoadedImageProtocol,
  TPL_APPLICATION,
  TPL_CALLBACK,
  TPL_NOTIFY,
  appendDevicePath,
  defineProtocol,
  devicePath,
  filePathNode,
  firmwareFileNode,
  guid,
  pciNode,
} from '@dxelab/uefi';
import type { DebugLib } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { CoreWorld, endOf, errorOf, module, statusOf } from '../core/core-world.fixture.ts';
import { ENTRY_POINT, POINTER, buildPe } from './pe-builder.fixture.ts';

const AlphaProtocol = defineProtocol<string>('Alpha', 'a0000000-0000-0000-0000-000000000001');
const BOOT = '\\EFI\\BOOT\\BOOTX64.EFI';
const pathOf = (file: string) => devicePath(pciNode(1, 0), filePathNode(file));

const loadedImage = (world: CoreWorld, image: EfiHandle): EfiLoadedImage =>
  world.bs.handleProtocol(image, LoadedImageProtocol);

describe.each(PROFILES)('LoadImage (UEFI §7.4.1), %s', (profile) => {
  test('puts an image into guest RAM, relocated, with the memory of its kind', () => {
    const world = new CoreWorld(profile);
    for (const [subsystem, type] of [
      [10, 'EfiLoader'],
      [11, 'EfiBootServices'],
      [12, 'EfiRuntimeServices'],
    ] as const) {
      const { imageBase, imageSize, ...info } = loadedImage(
        world,
        world.load(buildPe({ subsystem })),
      );
      expect(info.imageCodeType).toBe(`${type}Code`);
      expect(info.imageDataType).toBe(`${type}Data`);
      expect(imageSize).toBe(0x3000);
      expect(world.platform.ram.readBigUint64(imageBase + POINTER)).toBe(
        BigInt(imageBase + ENTRY_POINT),
      );
      const home = world.bs
        .getMemoryMap()
        .descriptors.find(
          ({ physicalStart, numberOfPages }) =>
            imageBase >= physicalStart && imageBase < physicalStart + numberOfPages * 4096,
        );
      expect(home?.type).toBe(`${type}Code`);
    }
  });

  test('prefers the address that the image was linked for', () => {
    const world = new CoreWorld(profile);
    const file = buildPe({ imageBase: 0x40_0000 });
    const first = loadedImage(world, world.load(file));
    const second = loadedImage(world, world.load(file));
    expect(first.imageBase).toBe(0x40_0000);
    expect(second.imageBase).not.toBe(0x40_0000);
    const pointer = world.platform.ram.readBigUint64(second.imageBase + POINTER);
    expect(pointer).toBe(BigInt(second.imageBase + ENTRY_POINT));
  });

  test('one without relocations is loaded there or not at all', () => {
    const world = new CoreWorld(profile);
    const file = buildPe({ imageBase: 0x40_0000, relocationsStripped: true });
    expect(loadedImage(world, world.load(file)).imageBase).toBe(0x40_0000);
    const second = errorOf(() => world.load(file));
    expect(second?.status).toBe('EFI_LOAD_ERROR');
    expect(second?.message).toMatch(/only be loaded at 0x400000, which is not free/);
  });

  test('a larger section alignment is honoured, and all of the memory comes back', () => {
    const world = new CoreWorld(profile);
    const before = world.bs.getMemoryMap().descriptors;
    const image = world.load(buildPe({ sectionAlignment: 0x10000 }));
    expect(loadedImage(world, image).imageBase % 0x10000).toBe(0);
    world.bs.unloadImage(image);
    expect(world.bs.getMemoryMap().descriptors).toEqual(before);
  });

  test('a PE32 image is loaded and relocated, too', () => {
    const world = new CoreWorld(profile);
    const { imageBase } = loadedImage(world, world.load(buildPe({ format: 'PE32' })));
    expect(world.platform.ram.readUint32(imageBase + POINTER)).toBe(imageBase + ENTRY_POINT);
  });

  test('from a device path it reads the file of the volume', () => {
    const world = new CoreWorld(profile);
    const volume = world.volume({ [BOOT]: buildPe() });
    const before = world.bs.getMemoryMap().descriptors;
    const image = world.bs.loadImage(true, world.core.labImage, pathOf(BOOT));
    const info = loadedImage(world, image);
    expect(info.deviceHandle).toBe(volume);
    expect(info.filePath).toEqual(devicePath(filePathNode(BOOT)));
    expect(info.parentHandle).toBe(world.core.labImage);
    expect(world.bs.handleProtocol(image, LoadedImageDevicePathProtocol)).toEqual(pathOf(BOOT));
    expect(world.core.nameOf(image)).toBe('BOOTX64.EFI');
    world.bs.unloadImage(image);
    expect(world.bs.getMemoryMap().descriptors).toEqual(before);
  });

  test('with a source the device path is only information', () => {
    const world = new CoreWorld(profile);
    const volume = world.volume({});
    const { labImage } = world.core;
    const image = world.bs.loadImage(false, labImage, pathOf('\\ABSENT.EFI'), buildPe());
    expect(loadedImage(world, image).deviceHandle).toBe(volume);
    const nowhere = devicePath(pciNode(9, 0), filePathNode('\\A.EFI'));
    const other = world.bs.loadImage(false, labImage, nowhere, buildPe());
    expect(loadedImage(world, other).deviceHandle).toBeUndefined();
    expect(loadedImage(world, other).filePath).toEqual(nowhere);
  });

  test('the statuses', () => {
    const world = new CoreWorld(profile);
    const { bs, core } = world;
    const stranger = world.volume({ '\\EMPTY.EFI': new Uint8Array(0) });
    const load = (path: Uint8Array | undefined, source?: Uint8Array, parent = core.labImage) =>
      statusOf(() => bs.loadImage(false, parent, path, source));
    expect(load(undefined, buildPe(), stranger)).toBe('EFI_INVALID_PARAMETER');
    expect(load(undefined, new Uint8Array(0))).toBe('EFI_LOAD_ERROR');
    expect(load(undefined)).toBe('EFI_NOT_FOUND');
    expect(load(pathOf('\\ABSENT.EFI'))).toBe('EFI_NOT_FOUND');
    expect(load(devicePath(pciNode(1, 0)))).toBe('EFI_NOT_FOUND');
    expect(load(devicePath(pciNode(7, 0), filePathNode(BOOT)))).toBe('EFI_NOT_FOUND');
    expect(load(pathOf('\\EMPTY.EFI'))).toBe('EFI_LOAD_ERROR');
    expect(load(undefined, new Uint8Array(1000))).toBe('EFI_UNSUPPORTED');
    expect(load(undefined, buildPe({ subsystem: 3 }))).toBe('EFI_UNSUPPORTED');
    expect(load(undefined, buildPe({ sizeOfImage: 0xf000_0000 }))).toBe('EFI_OUT_OF_RESOURCES');
    expect(load(undefined, buildPe({ sizeOfImage: 0x2800 }))).toBe('EFI_SUCCESS');
    expect(load(undefined, buildPe({ sizeOfImage: 0x1f00 }))).toBe('EFI_LOAD_ERROR');
  });

  test('a file that has no room in guest memory is out of resources, and nothing is read', () => {
    const world = new CoreWorld(profile);
    world.volume({ '\\HUGE.EFI': new Uint8Array(17 * 1024 * 1024) });
    const load = () => world.bs.loadImage(true, world.core.labImage, pathOf('\\HUGE.EFI'));
    expect(statusOf(load)).toBe('EFI_OUT_OF_RESOURCES');
  });

  test('an image of another machine says what it is for', () => {
    const world = new CoreWorld(profile);
    const error = errorOf(() => world.load(buildPe({ machine: 0xaa64 })));
    expect(error?.status).toBe('EFI_UNSUPPORTED');
    expect(error?.message).toMatch(/for AARCH64 \(0xaa64\), and this machine is X64/);
  });

  test('an image that is refused leaves no handle and no memory behind', () => {
    const world = new CoreWorld(profile);
    const handles = world.core.handles().length;
    const before = world.bs.getMemoryMap().descriptors;
    expect(() => world.load(buildPe({ sizeOfImage: 0x1f00 }))).toThrow('EFI_LOAD_ERROR');
    expect(world.core.handles()).toHaveLength(handles);
    expect(world.bs.getMemoryMap().descriptors).toEqual(before);
  });

  test('who waits for LoadedImage hears of the image when it is whole', () => {
    const world = new CoreWorld(profile);
    const seen: (readonly string[])[] = [];
    const event = world.bs.createEvent(
      EVT_NOTIFY_SIGNAL,
      TPL_CALLBACK,
      () => {
        const newest = world.core.handles().at(-1);
        seen.push(newest?.protocols.map(({ name }) => name) ?? []);
        const info = world.core.images().at(-1)?.loadedImage;
        expect(info?.imageBase).toBeGreaterThan(0);
      },
      null,
    );
    world.bs.registerProtocolNotify(LoadedImageProtocol, event);
    world.load(buildPe());
    expect(seen).toEqual([['LoadedImage']]);
  });

  test('above TPL_CALLBACK it fails an ASSERT', () => {
    const world = new CoreWorld(profile);
    world.bs.raiseTpl(TPL_NOTIFY);
    expect(endOf(() => world.load(buildPe()))?.kind).toBe('asserted');
  });
});

describe('an IA32 image on X64 (UEFI §2.1.1)', () => {
  const IA32 = { machine: 0x14c, format: 'PE32' } as const;

  test('specification: it is not loaded', () => {
    const world = new CoreWorld('specification');
    expect(statusOf(() => world.load(buildPe(IA32)))).toBe('EFI_UNSUPPORTED');
  });

  test('edk2: it is loaded, and not started', () => {
    const world = new CoreWorld('edk2');
    const image = world.load(buildPe(IA32));
    expect(statusOf(() => world.bs.startImage(image))).toBe('EFI_UNSUPPORTED');
    expect(statusOf(() => world.bs.unloadImage(image))).toBe('EFI_SUCCESS');
  });
});

describe.each(PROFILES)('StartImage (UEFI §7.4.2), %s', (profile) => {
  test('machine code that nothing executes ends the world: handed over', () => {
    const world = new CoreWorld(profile);
    world.volume({ [BOOT]: buildPe() });
    const image = world.bs.loadImage(true, world.core.labImage, pathOf(BOOT));
    const { imageBase } = loadedImage(world, image);
    const end = endOf(() => world.bs.startImage(image));
    expect(end?.kind).toBe('handed-over');
    expect(end?.details).toEqual({
      image: BOOT,
      devicePath: String.raw`Pci(0x1,0x0)/\EFI\BOOT\BOOTX64.EFI`,
      entryPoint: `0x${(imageBase + ENTRY_POINT).toString(16)}`,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(endOf(() => world.bs.getMemoryMap())).toBe(end);
  });

  test('an application gets its handle and its own face, and is gone when it returns', () => {
    const world = new CoreWorld(profile);
    const before = world.bs.getMemoryMap().descriptors;
    const seen: unknown[] = [];
    world.program = (bs, handle, table) => {
      seen.push(handle, bs.handleProtocol(handle, LoadedImageProtocol).systemTable === table);
    };
    const image = world.load(buildPe());
    expect(world.bs.startImage(image)).toBeUndefined();
    expect(seen).toEqual([image, true]);
    expect(statusOf(() => world.bs.protocolsPerHandle(image))).toBe('EFI_INVALID_PARAMETER');
    expect(world.bs.getMemoryMap().descriptors).toEqual(before);
  });

  test('a driver that succeeds stays, and cannot be started twice', () => {
    const world = new CoreWorld(profile);
    world.program = () => {};
    const image = world.load(buildPe({ subsystem: 11 }));
    world.bs.startImage(image);
    expect(world.core.images().map(({ handle }) => handle)).toContain(image);
    expect(statusOf(() => world.bs.startImage(image))).toBe('EFI_INVALID_PARAMETER');
  });

  test('a driver that fails gives its status, and is gone', () => {
    const world = new CoreWorld(profile);
    for (const fail of [
      () => 'EFI_DEVICE_ERROR' as const,
      () => {
        throw new EfiError('EFI_DEVICE_ERROR', 'no device');
      },
    ]) {
      world.program = fail;
      const image = world.load(buildPe({ subsystem: 11 }));
      expect(statusOf(() => world.bs.startImage(image))).toBe('EFI_DEVICE_ERROR');
      expect(statusOf(() => world.bs.startImage(image))).toBe('EFI_INVALID_PARAMETER');
    }
  });

  test('a warning is a success: the driver stays', () => {
    const world = new CoreWorld(profile);
    world.program = () => 'EFI_WARN_STALE_DATA';
    const image = world.load(buildPe({ subsystem: 11 }));
    world.bs.startImage(image);
    expect(world.core.images().map(({ handle }) => handle)).toContain(image);
  });

  test('the TPL is that of before, whatever the image left', () => {
    const world = new CoreWorld(profile);
    world.program = (bs) => {
      bs.raiseTpl(TPL_NOTIFY);
    };
    world.bs.startImage(world.load(buildPe()));
    expect(world.bs.raiseTpl(TPL_NOTIFY)).toBe(TPL_APPLICATION);
    expect(world.debugged.join()).toMatch(/returned at TPL 16, and was called at 4/);
  });

  test('what a driver created is connected when it returns, what an application created is not', () => {
    const world = new CoreWorld(profile);
    const asked: EfiHandle[] = [];
    const { labImage } = world.core;
    world.bs.installProtocolInterface(labImage, DriverBindingProtocol, {
      version: 0x10,
      imageHandle: labImage,
      driverBindingHandle: labImage,
      supported: (controller) => {
        asked.push(controller);
        return 'EFI_UNSUPPORTED';
      },
      start: () => {},
      stop: () => {},
    });
    const created: EfiHandle[] = [];
    world.program = (bs) => {
      created.push(bs.installProtocolInterface(undefined, AlphaProtocol, 'made'));
    };
    for (const subsystem of [10, 11]) world.bs.startImage(world.load(buildPe({ subsystem })));
    expect(created.map((handle) => asked.includes(handle))).toEqual([false, true]);
  });

  test('a bug of the image passes through and is no status', () => {
    const world = new CoreWorld(profile);
    world.program = () => {
      throw new TypeError('a bug');
    };
    expect(() => world.bs.startImage(world.load(buildPe()))).toThrow(TypeError);
  });

  test('the images of the core and of the lab cannot be started or unloaded', () => {
    const world = new CoreWorld(profile);
    for (const { handle } of world.core.images()) {
      expect(statusOf(() => world.bs.startImage(handle))).toBe('EFI_INVALID_PARAMETER');
      expect(statusOf(() => world.bs.unloadImage(handle))).toBe('EFI_UNSUPPORTED');
    }
  });
});

describe.each(PROFILES)('Exit (UEFI §7.4.5), %s', (profile) => {
  test('does not return: the status and the data come out of StartImage', () => {
    const world = new CoreWorld(profile);
    let after = false;
    world.program = (bs, handle) => {
      const data = Uint8Array.of(1, 2);
      try {
        bs.exit(handle, 'EFI_ABORTED', data);
        after = true;
      } finally {
        data.fill(9);
      }
    };
    const error = errorOf(() => world.bs.startImage(world.load(buildPe())));
    expect(after).toBe(false);
    expect(error?.status).toBe('EFI_ABORTED');
    expect(error?.out).toEqual(Uint8Array.of(1, 2));
    world.program = (bs, handle) => bs.exit(handle, 'EFI_SUCCESS', Uint8Array.of(3));
    expect(world.bs.startImage(world.load(buildPe()))).toEqual(Uint8Array.of(3));
  });

  test('whoever catches it has exited all the same', () => {
    const world = new CoreWorld(profile);
    const services: unknown[] = [];
    world.program = (bs, handle) => {
      try {
        bs.exit(handle, 'EFI_TIMEOUT');
      } catch (caught) {
        services.push(caught);
      }
      try {
        bs.allocatePool('EfiLoaderData', 1);
      } catch (caught) {
        services.push(caught);
      }
      return 'EFI_SUCCESS';
    };
    expect(statusOf(() => world.bs.startImage(world.load(buildPe())))).toBe('EFI_TIMEOUT');
    expect(services).toHaveLength(2);
    expect(services[0]).toBe(services[1]);
  });

  test('a driver that exits successfully stays, and its functions can call services', () => {
    const world = new CoreWorld(profile);
    let call = (): void => {};
    world.program = (bs, handle) => {
      call = () => bs.stall(1);
      bs.exit(handle, 'EFI_SUCCESS');
    };
    world.bs.startImage(world.load(buildPe({ subsystem: 11 })));
    expect(call).not.toThrow();
  });

  test('out of a notification function it unwinds to StartImage', () => {
    const world = new CoreWorld(profile);
    world.program = (bs, handle) => {
      const exit = bs.createEvent(
        EVT_NOTIFY_SIGNAL,
        TPL_CALLBACK,
        () => bs.exit(handle, 'EFI_ABORTED'),
        null,
      );
      bs.signalEvent(exit);
    };
    expect(statusOf(() => world.bs.startImage(world.load(buildPe())))).toBe('EFI_ABORTED');
    expect(world.bs.raiseTpl(TPL_NOTIFY)).toBe(TPL_APPLICATION);
  });

  test('of an image that is not running is refused; of one that was never started it unloads', () => {
    const world = new CoreWorld(profile);
    const other = world.load(buildPe());
    let status = '';
    world.program = (bs, handle) => {
      world.program = () => {
        status = statusOf(() => bs.exit(handle, 'EFI_SUCCESS'));
      };
      bs.startImage(bs.loadImage(false, handle, undefined, buildPe()));
    };
    world.bs.startImage(world.load(buildPe()));
    expect(status).toBe('EFI_INVALID_PARAMETER');
    world.bs.exit(other, 'EFI_SUCCESS');
    expect(world.core.images().map(({ handle }) => handle)).not.toContain(other);
    expect(statusOf(() => world.bs.exit(other, 'EFI_SUCCESS'))).toBe('EFI_INVALID_PARAMETER');
  });
});

describe.each(PROFILES)('UnloadImage (UEFI §7.4.3), %s', (profile) => {
  test('asks the image, which may refuse', () => {
    const world = new CoreWorld(profile);
    world.program = () => {};
    const image = world.load(buildPe({ subsystem: 11 }));
    world.bs.startImage(image);
    expect(statusOf(() => world.bs.unloadImage(image))).toBe('EFI_UNSUPPORTED');
    const info = loadedImage(world, image);
    info.unload = () => {
      throw new EfiError('EFI_ACCESS_DENIED', 'in use');
    };
    expect(statusOf(() => world.bs.unloadImage(image))).toBe('EFI_ACCESS_DENIED');
    expect(world.core.images().map(({ handle }) => handle)).toContain(image);
    const unloaded: EfiHandle[] = [];
    info.unload = (handle) => unloaded.push(handle);
    world.bs.unloadImage(image);
    expect(unloaded).toEqual([image]);
    expect(statusOf(() => world.bs.unloadImage(image))).toBe('EFI_INVALID_PARAMETER');
  });

  test('closes what the image had open; what it installed dangles', () => {
    const world = new CoreWorld(profile);
    const target = world.bs.installProtocolInterface(undefined, AlphaProtocol, 'opened');
    world.program = (bs, handle) => {
      const by = EFI_OPEN_PROTOCOL_GET_PROTOCOL;
      bs.openProtocol(target, AlphaProtocol, handle, undefined, by);
      bs.installProtocolInterface(handle, AlphaProtocol, 'left behind');
    };
    const image = world.load(buildPe());
    world.bs.startImage(image);
    expect(world.bs.openProtocolInformation(target, AlphaProtocol)).toEqual([]);
    expect(world.bs.protocolsPerHandle(image)).toEqual([AlphaProtocol.guid]);
  });

  test('code of an image that is gone cannot call services: it left an event open', () => {
    const world = new CoreWorld(profile);
    world.program = (bs) => {
      const event = bs.createEvent(0x80000200, TPL_CALLBACK, () => bs.stall(1), null);
      bs.setTimer(event, 'TimerRelative', 100_000);
    };
    world.bs.startImage(world.load(buildPe()));
    expect(() => world.bs.stall(50_000)).toThrow(/image from memory called .* unloaded/);
  });
});

describe.each(PROFILES)('TypeScript modules (%s)', (profile) => {
  test('are images like any other', () => {
    let seen: EfiLoadedImage | undefined;
    let path: Uint8Array | null = null;
    const world = new CoreWorld(profile, [
      module('TestDxe', (bs, handle) => {
        seen = bs.handleProtocol(handle, LoadedImageProtocol);
        path = bs.handleProtocol(handle, LoadedImageDevicePathProtocol);
      }),
    ]);
    expect(world.core.dispatch()).toBe(1);
    expect(seen?.imageSize).toBe(4096);
    expect(seen?.imageCodeType).toBe('EfiBootServicesCode');
    const name = guid('00000000-0000-0000-0000-000000000001');
    expect(path).toEqual(devicePath(firmwareFileNode(name)));
    expect(world.core.nameOf(seen?.parentHandle ?? world.core.labImage)).toBe('DxeCore');
  });

  test('a runtime driver has runtime memory', () => {
    let type: unknown;
    const world = new CoreWorld(profile, [
      module(
        'RuntimeDxe',
        (bs, handle) => {
          type = bs.handleProtocol(handle, LoadedImageProtocol).imageCodeType;
        },
        'DXE_RUNTIME_DRIVER',
      ),
    ]);
    world.core.dispatch();
    expect(type).toBe('EfiRuntimeServicesCode');
  });

  test('one that fails is unloaded, and remembered', () => {
    const world = new CoreWorld(profile, [
      module('FailDxe', () => {
        throw new EfiError('EFI_DEVICE_ERROR', 'nothing there');
      }),
    ]);
    world.core.dispatch();
    expect(world.core.moduleFailures().map(({ module: { name } }) => name)).toEqual(['FailDxe']);
    expect(world.core.images().map(({ name }) => name)).toEqual(['DxeCore', 'lab']);
  });

  test('an ASSERT ends the world with module, file and line', () => {
    const world = new CoreWorld(profile, [
      module('AssertDxe', (_bs, _handle, _table, libraries) => {
        const debug: DebugLib = libraries.debug;
        debug.assert(1 + 1 === 3, 'arithmetic holds');
      }),
    ]);
    const end = endOf(() => world.core.dispatch());
    expect(end?.kind).toBe('asserted');
    expect(end?.details['module']).toBe('AssertDxe');
    expect(end?.details['file']).toMatch(/image-services\.test\.ts$/);
    expect(end?.details['line']).toBeGreaterThan(400);
    expect(end?.message).toMatch(/arithmetic holds/);
  });

  test('the world ends with what BDS says when it gives up', () => {
    const world = new CoreWorld(profile, [
      module('BdsDxe', (bs) => {
        const entry = (): string => 'it gave up';
        bs.installProtocolInterface(undefined, BdsArchProtocol, { entry });
      }),
    ]);
    expect(endOf(() => world.core.run())).toMatchObject({ kind: 'stopped', message: 'it gave up' });
  });

  test('the world ends when BDS has nothing left to boot', () => {
    let entered = 0;
    const world = new CoreWorld(profile, [
      module('BdsDxe', (bs) => {
        bs.installProtocolInterface(undefined, BdsArchProtocol, { entry: () => void entered++ });
      }),
    ]);
    expect(endOf(() => world.core.run())?.kind).toBe('stopped');
    expect(entered).toBe(1);
  });

  test('the device path of an image does not change under it', () => {
    const world = new CoreWorld(profile);
    world.volume({ [BOOT]: buildPe() });
    const path = appendDevicePath(devicePath(pciNode(1, 0)), devicePath(filePathNode(BOOT)));
    const image = world.bs.loadImage(true, world.core.labImage, path);
    path.fill(0);
    expect(world.bs.handleProtocol(image, LoadedImageDevicePathProtocol)).toEqual(pathOf(BOOT));
    expect(
      world.bs.locateHandleBuffer({ type: 'ByProtocol', protocol: DevicePathProtocol }),
    ).toHaveLength(1);
  });
});
