import {
  PCI_CLASSCODE_OFFSET,
  PCI_DEVICE_ID_OFFSET,
  PCI_PRIMARY_STATUS_OFFSET,
  PCI_REVISION_ID_OFFSET,
  PCI_SUBSYSTEM_ID_OFFSET,
  PCI_VENDOR_ID_OFFSET,
} from '@dxelab/pci';
import type { Profile } from '@dxelab/uefi-lib';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { describe, expect, test } from 'vitest';
import { COMMON, DEVICE, ModernFunction, NOTIFY } from './modern-function.fixture.ts';
import { VirtioWorld } from './virtio-world.fixture.ts';

/** The device type under which a function is driven in each profile; `undefined` if it is not. */
function drivenAs(change: (func: ModernFunction) => void): Record<Profile, number | undefined> {
  const as = (profile: Profile): number | undefined => {
    const func = new ModernFunction();
    change(func);
    const world = new VirtioWorld(func, { modules: [virtio10Dxe], profile });
    world.connectRoot();
    if (!world.has(VirtioDeviceProtocol)) return undefined;
    return world.openOnly(VirtioDeviceProtocol).subSystemDeviceId;
  };
  return { specification: as('specification'), edk2: as('edk2') };
}

const CONTROLLER = 0x3f;

/** A transitional device, 0x1000 to 0x103f, tells its type in the subsystem id. */
function transitional(func: ModernFunction, revision: number): ModernFunction {
  return func
    .set(PCI_DEVICE_ID_OFFSET, 2, 0x1001)
    .set(PCI_SUBSYSTEM_ID_OFFSET, 2, 2)
    .set(PCI_REVISION_ID_OFFSET, 1, revision);
}

describe('which functions are modern virtio devices (virtio §4.1.2)', () => {
  test('both profiles: 0x1040 to 0x107f, less 0x1040, is the device type', () => {
    expect(drivenAs(() => {})).toEqual({ specification: CONTROLLER, edk2: CONTROLLER });
    const first = drivenAs((func) => func.set(PCI_DEVICE_ID_OFFSET, 2, 0x1041));
    expect(first).toEqual({ specification: 1, edk2: 1 });
  });

  test.each([
    ['another vendor', PCI_VENDOR_ID_OFFSET, 0x1af5],
    ['below the range', PCI_DEVICE_ID_OFFSET, 0x0fff],
    ['above the range', PCI_DEVICE_ID_OFFSET, 0x1080],
    ['no capability list', PCI_PRIMARY_STATUS_OFFSET, 0],
  ])('both profiles: %s is left alone', (_what, offset, value) => {
    expect(drivenAs((func) => func.set(offset, 2, value))).toEqual({
      specification: undefined,
      edk2: undefined,
    });
  });

  test('any revision will do; OVMF wants at least 1 (§4.1.2.1)', () => {
    const revised = (revision: number) =>
      drivenAs((func) => func.set(PCI_REVISION_ID_OFFSET, 1, revision));
    expect(revised(0)).toEqual({ specification: CONTROLLER, edk2: undefined });
    expect(revised(2)).toEqual({ specification: CONTROLLER, edk2: CONTROLLER });
  });

  test('any subsystem id will do; OVMF wants at least 0x40', () => {
    const subsystem = (id: number) => drivenAs((func) => func.set(PCI_SUBSYSTEM_ID_OFFSET, 2, id));
    expect(subsystem(0x3f)).toEqual({ specification: CONTROLLER, edk2: undefined });
    expect(subsystem(0x40)).toEqual({ specification: CONTROLLER, edk2: CONTROLLER });
  });

  test('a GPU that is a VGA, too, is a GPU; OVMF leaves it to QemuVideoDxe', () => {
    const gpu = (classCode: number) =>
      drivenAs((func) =>
        func.set(PCI_DEVICE_ID_OFFSET, 2, 0x1050).set(PCI_CLASSCODE_OFFSET + 1, 2, classCode),
      );
    expect(gpu(0x0300)).toEqual({ specification: 16, edk2: undefined });
    expect(gpu(0x0380)).toEqual({ specification: 16, edk2: 16 });
  });

  test.each([0, 1])(
    'a transitional device of revision %i is driven by its modern structures, but not in OVMF',
    (revision) => {
      expect(drivenAs((func) => transitional(func, revision))).toEqual({
        specification: 2,
        edk2: undefined,
      });
    },
  );

  test('a transitional device without modern structures is a legacy device', () => {
    for (const presented of [[], [DEVICE], [COMMON, DEVICE], [NOTIFY, DEVICE]]) {
      expect(drivenAs((func) => transitional(func, 0).present(...presented))).toEqual({
        specification: undefined,
        edk2: undefined,
      });
    }
  });
});
