import type { DevicePath, EfiErrorStatus } from '@dxelab/uefi';
import {
  appendDevicePath,
  convertDevicePathToText,
  devicePath,
  DevicePathProtocol,
  EfiError,
  filePathNode,
  LoadedImageProtocol,
  pciNode,
  Security2ArchProtocol,
  SecurityArchProtocol,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { buildPe } from '../image/pe-builder.fixture.ts';
import { CoreWorld, errorOf, statusOf } from './core-world.fixture.ts';

const DISK = devicePath(pciNode(1, 0));
const FILE = appendDevicePath(DISK, devicePath(filePathNode('\\A.EFI')));

interface Question {
  readonly path: string;
  readonly bytes: number | undefined;
  readonly bootPolicy: boolean;
}

/** A policy that answers everything alike, and what it was asked. */
function policy({ bs }: CoreWorld, answer: EfiErrorStatus | undefined): Question[] {
  const asked: Question[] = [];
  bs.installProtocolInterface(undefined, Security2ArchProtocol, {
    fileAuthentication(file: DevicePath | undefined, buffer, bootPolicy) {
      const path = file === undefined ? '' : convertDevicePathToText(file);
      asked.push({ path, bytes: buffer?.length, bootPolicy });
      if (answer !== undefined) throw new EfiError(answer, 'the policy says so');
    },
  });
  return asked;
}

describe.each(PROFILES)('the security protocols (UEFI §7.4.1, PI Vol. 2 §12, %s)', (profile) => {
  test('an image that is trusted is loaded and started; Security2 is asked with path, file and policy', () => {
    const world = new CoreWorld(profile);
    const asked = policy(world, undefined);
    world.program = () => 'EFI_SUCCESS';
    const { bs, core } = world;
    const file = buildPe();
    bs.startImage(bs.loadImage(true, core.labImage, FILE, file));
    expect(asked).toEqual([
      { path: convertDevicePathToText(FILE), bytes: file.length, bootPolicy: true },
    ]);
  });

  test('EFI_ACCESS_DENIED: nothing is loaded', () => {
    const world = new CoreWorld(profile);
    policy(world, 'EFI_ACCESS_DENIED');
    const images = world.core.images().length;
    const error = errorOf(() => world.load(buildPe()));
    expect(error?.status).toBe('EFI_ACCESS_DENIED');
    expect(error?.out).toBeUndefined();
    expect(world.core.images()).toHaveLength(images);
  });

  test('EFI_SECURITY_VIOLATION: the image is loaded, the error hands out its handle, and StartImage refuses', () => {
    const world = new CoreWorld(profile);
    policy(world, 'EFI_SECURITY_VIOLATION');
    let ran = false;
    world.program = () => {
      ran = true;
    };
    const error = errorOf(() => world.load(buildPe()));
    expect(error?.status).toBe('EFI_SECURITY_VIOLATION');
    const image = world.core.images().find(({ handle }) => handle === error?.out);
    if (image === undefined) throw new Error('the error hands out no image');
    expect(world.bs.handleProtocol(image.handle, LoadedImageProtocol)).toBe(image.loadedImage);
    expect(statusOf(() => world.bs.startImage(image.handle))).toBe('EFI_SECURITY_VIOLATION');
    expect(ran).toBe(false);
    world.bs.unloadImage(image.handle);
  });

  test('without Security2 it is the older protocol that is asked, about what has a path', () => {
    const world = new CoreWorld(profile);
    const { bs, core } = world;
    const asked: string[] = [];
    bs.installProtocolInterface(undefined, SecurityArchProtocol, {
      fileAuthenticationState(status, path) {
        asked.push(`${status} ${convertDevicePathToText(path)}`);
        throw new EfiError('EFI_ACCESS_DENIED', 'the policy says so');
      },
    });
    expect(statusOf(() => world.load(buildPe()))).toBe('EFI_SUCCESS');
    const load = (): unknown => bs.loadImage(false, core.labImage, FILE, buildPe());
    expect(statusOf(load)).toBe('EFI_ACCESS_DENIED');
    expect(asked).toEqual([`0 ${convertDevicePathToText(FILE)}`]);
  });

  test('ConnectController asks about a controller with a device path, before any driver (§7.3.12)', () => {
    const world = new CoreWorld(profile);
    const asked = policy(world, 'EFI_SECURITY_VIOLATION');
    const { bs } = world;
    const disk = bs.installProtocolInterface(undefined, DevicePathProtocol, DISK);
    const remaining = devicePath(pciNode(2, 0));
    const connect = (rest?: DevicePath, recursive = false): unknown =>
      bs.connectController(disk, undefined, rest, recursive);
    expect(statusOf(() => connect())).toBe('EFI_SECURITY_VIOLATION');
    expect(statusOf(() => connect(remaining))).toBe('EFI_SECURITY_VIOLATION');
    expect(statusOf(() => connect(remaining, true))).toBe('EFI_SECURITY_VIOLATION');
    const disks = convertDevicePathToText(DISK);
    expect(asked).toEqual([
      { path: disks, bytes: undefined, bootPolicy: false },
      { path: `${disks}/Pci(0x2,0x0)`, bytes: undefined, bootPolicy: false },
      { path: disks, bytes: undefined, bootPolicy: false },
    ]);
  });

  test('a controller without a device path is nobody’s concern', () => {
    const world = new CoreWorld(profile);
    const asked = policy(world, 'EFI_ACCESS_DENIED');
    const connect = (): void => world.bs.connectController(world.core.labImage);
    expect(statusOf(connect)).toBe('EFI_NOT_FOUND');
    expect(asked).toEqual([]);
  });
});
