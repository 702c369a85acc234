import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import type { EfiBootServices, EfiHandle } from '@dxelab/uefi';
import { DevicePathProtocol, EFI_OPEN_PROTOCOL_BY_DRIVER, guid } from '@dxelab/uefi';
import type { DxeModule, HardwareLibraries } from '@dxelab/uefi-lib';
import { PROFILES, Quirks } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import { VirtioMmio, VirtioMmioBus } from '@dxelab/virtio-devices';
import { virtioMmioInstallDevice, virtioMmioUninstallDevice } from '@dxelab/virtio-mmio-device-lib';
import { describe, expect, test } from 'vitest';
import { ThreeQueues } from '../virtio10-dxe/three-queues.fixture.ts';
import { boardDxe } from './example.fixture.ts';
import { statusOf } from './mmio-device.fixture.ts';

/** The last slot of the machine, with a device in it, and the first, with none. */
const DEVICE = 0xfeb0_2e00;
const EMPTY = 0xfeb0_0000;

/** A machine with a device in its last slot, and a firmware of these modules. */
function run(profile: 'specification' | 'edk2', ...modules: readonly DxeModule[]): EfiBootServices {
  const bus = new VirtioMmioBus();
  bus.plug(new VirtioMmio(new ThreeQueues()));
  const { platform } = createEmulatedMachine({ memory: 16 * 2 ** 20, devices: [bus] });
  const core = createDxeCore(platform, { modules, quirks: new Quirks(profile) });
  core.dispatch();
  return core.systemTable.bootServices;
}

/** What a module that uses the library gets to work with. */
interface User {
  readonly bs: EfiBootServices;
  readonly libraries: HardwareLibraries;
  /** A new handle. */
  readonly handle: () => EfiHandle;
}

/** Runs `body` as a module that uses the library. */
function using(profile: 'specification' | 'edk2', body: (user: User) => void): void {
  let failure: unknown;
  run(profile, {
    name: 'UserDxe',
    fileGuid: guid('0b9a2c4e-8f11-4a57-9d11-0c5a4f0e7d21'),
    moduleType: 'DXE_DRIVER',
    depex: { op: 'TRUE' },
    hardware: true,
    entryPoint(_imageHandle, { bootServices: bs }, libraries) {
      const path = new Uint8Array([0x7f, 0xff, 4, 0]);
      const handle = (): EfiHandle =>
        bs.installProtocolInterface(undefined, DevicePathProtocol, path);
      try {
        body({ bs, libraries, handle });
      } catch (caught) {
        failure = caught;
      }
    },
  });
  if (failure !== undefined) throw failure;
}

describe.each(PROFILES)('VirtioMmioInstallDevice, %s', (profile) => {
  test('the example of a board installs the device that it has', () => {
    const virtIo = run(profile, boardDxe).locateProtocol(VirtioDeviceProtocol);
    expect(virtIo.subSystemDeviceId).toBe(0x3f);
  });

  test('refuses address 0, a handle that has the protocol, and what is no device', () => {
    using(profile, ({ bs, libraries, handle }) => {
      const install = (address: number, at: EfiHandle) =>
        statusOf(() => virtioMmioInstallDevice(address, at, bs, libraries));
      expect(install(0, handle())).toBe('EFI_INVALID_PARAMETER');
      expect(install(0x7000_0000, handle())).toBe('EFI_UNSUPPORTED');
      const taken = handle();
      expect(install(DEVICE, taken)).toBe('EFI_SUCCESS');
      expect(install(DEVICE, taken)).toBe('EFI_INVALID_PARAMETER');
      const empty = profile === 'edk2' ? 'EFI_SUCCESS' : 'EFI_NOT_FOUND';
      expect(install(EMPTY, handle())).toBe(empty);
    });
  });
});

describe.each(PROFILES)('VirtioMmioUninstallDevice, %s', (profile) => {
  test('takes the protocol from the handle, and leaves nothing behind', () => {
    using(profile, ({ bs, libraries, handle }) => {
      const free = (): number =>
        bs
          .getMemoryMap()
          .descriptors.filter(({ type }) => type === 'EfiConventionalMemory')
          .reduce((sum, { numberOfPages }) => sum + numberOfPages, 0);
      const at = handle();
      virtioMmioInstallDevice(DEVICE, at, bs, libraries);
      const before = free();
      const virtIo = bs.handleProtocol(at, VirtioDeviceProtocol);
      // the pages of a bounce buffer are kept for the next one
      const array = new Uint8Array(8);
      virtIo.unmapSharedBuffer(
        virtIo.mapSharedBuffer('VirtioOperationBusMasterRead', array, array.length),
      );
      expect(free()).toBe(before - 1);
      virtioMmioUninstallDevice(at, bs);
      expect(free()).toBe(before);
      expect(statusOf(() => bs.handleProtocol(at, VirtioDeviceProtocol))).toBe('EFI_UNSUPPORTED');
      expect(statusOf(() => virtioMmioUninstallDevice(at, bs))).toBe('EFI_UNSUPPORTED');
      virtioMmioInstallDevice(DEVICE, at, bs, libraries);
    });
  });

  test("leaves somebody else's device alone", () => {
    using(profile, ({ bs, handle }) => {
      const theirs: VirtioDevice = Object.create(null);
      const at = bs.installProtocolInterface(handle(), VirtioDeviceProtocol, theirs);
      expect(statusOf(() => virtioMmioUninstallDevice(at, bs))).toBe('EFI_UNSUPPORTED');
      expect(bs.handleProtocol(at, VirtioDeviceProtocol)).toBe(theirs);
    });
  });

  test('fails while a driver has the device, and leaves it', () => {
    using(profile, ({ bs, libraries, handle }) => {
      const at = handle();
      virtioMmioInstallDevice(DEVICE, at, bs, libraries);
      const agent = handle();
      bs.openProtocol(at, VirtioDeviceProtocol, agent, at, EFI_OPEN_PROTOCOL_BY_DRIVER);
      expect(statusOf(() => virtioMmioUninstallDevice(at, bs))).toBe('EFI_ACCESS_DENIED');
      expect(bs.handleProtocol(at, VirtioDeviceProtocol).subSystemDeviceId).toBe(0x3f);
    });
  });
});
