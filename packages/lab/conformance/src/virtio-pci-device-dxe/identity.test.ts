import {
  PCI_DEVICE_ID_OFFSET,
  PCI_REVISION_ID_OFFSET,
  PCI_SUBSYSTEM_ID_OFFSET,
  PCI_VENDOR_ID_OFFSET,
} from '@dxelab/pci';
import type { PciBarOptions } from '@dxelab/pci-devices';
import { PciFunction } from '@dxelab/pci-devices';
import { EFI_OPEN_PROTOCOL_BY_DRIVER, PciIoProtocol } from '@dxelab/uefi';
import type { DxeModule, Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import {
  VIRTIO_SPEC_REVISION_0_9_5,
  VIRTIO_SPEC_REVISION_1_0_0,
  VIRTIO_VENDOR_ID,
  VirtioDeviceProtocol,
} from '@dxelab/virtio';
import { VirtioPciModern, VirtioPciTransitional } from '@dxelab/virtio-devices';
import { virtioPciDeviceDxe } from '@dxelab/virtio-pci-device-dxe';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { describe, expect, test } from 'vitest';
import { ThreeQueues } from '../virtio10-dxe/three-queues.fixture.ts';
import { VirtioWorld } from '../virtio10-dxe/virtio-world.fixture.ts';
import { LegacyFunction } from './legacy-function.fixture.ts';

const LEGACY: readonly DxeModule[] = [virtioPciDeviceDxe];
/** In the order of OVMF's firmware volume. */
const BOTH: readonly DxeModule[] = [virtioPciDeviceDxe, virtio10Dxe];

/** What the drivers make of a function in each profile; `undefined` if nobody drives it. */
function driven<Answer>(
  make: () => PciFunction,
  modules: readonly DxeModule[],
  answer: (world: VirtioWorld) => Answer,
): Record<Profile, Answer | undefined> {
  const as = (profile: Profile): Answer | undefined => {
    const world = new VirtioWorld(make(), { modules, profile });
    world.connectRoot();
    return world.has(VirtioDeviceProtocol) ? answer(world) : undefined;
  };
  return { specification: as('specification'), edk2: as('edk2') };
}

const typeOf = (world: VirtioWorld): number =>
  world.openOnly(VirtioDeviceProtocol).subSystemDeviceId;
const revisionOf = (world: VirtioWorld): number => world.openOnly(VirtioDeviceProtocol).revision;

describe('which functions are legacy virtio devices (virtio §4.1.2.3)', () => {
  const drivenAs = (change: (func: LegacyFunction) => LegacyFunction) =>
    driven(() => change(new LegacyFunction()), LEGACY, typeOf);

  test.each([0x1000, 0x1001, 0x103f])('PCI device id %i: the subsystem id is the type', (id) => {
    const type = drivenAs((func) =>
      func.set(PCI_DEVICE_ID_OFFSET, 2, id).set(PCI_SUBSYSTEM_ID_OFFSET, 2, 8),
    );
    expect(type).toEqual({ specification: 8, edk2: 8 });
  });

  test.each<[string, number, 1 | 2, number]>([
    ['another vendor', PCI_VENDOR_ID_OFFSET, 2, 0x1af5],
    ['below the range', PCI_DEVICE_ID_OFFSET, 2, 0x0fff],
    ['above the range', PCI_DEVICE_ID_OFFSET, 2, 0x1040],
    ['another revision', PCI_REVISION_ID_OFFSET, 1, 1],
  ])('%s is left alone', (_what, offset, width, value) => {
    expect(drivenAs((func) => func.set(offset, width, value))).toEqual({
      specification: undefined,
      edk2: undefined,
    });
  });
});

describe('BAR 0 (virtio §4.1.4.10)', () => {
  /** A function that says that it is a legacy disk, with this as its BAR 0. */
  const withBar = (bar: Omit<PciBarOptions, 'handler'> | undefined) => (): PciFunction => {
    const func = new PciFunction({
      name: 'odd',
      vendorId: VIRTIO_VENDOR_ID,
      deviceId: 0x1001,
      classCode: 0x010000,
      subsystemVendorId: VIRTIO_VENDOR_ID,
      subsystemId: 2,
    });
    const handler = { read: () => 0, write: () => {} };
    if (bar !== undefined) func.addBar(0, { ...bar, handler });
    return func;
  };

  test.each<[string, Omit<PciBarOptions, 'handler'> | undefined]>([
    ['of memory', { kind: 'mem32', size: 0x1000 }],
    ['of 16 ports', { kind: 'io', size: 16 }],
    ['that is not there', undefined],
  ])('one %s is none of a legacy device', (_what, bar) => {
    expect(driven(withBar(bar), LEGACY, typeOf).specification).toBeUndefined();
  });

  test('one of 32 ports has room for the registers', () => {
    expect(driven(withBar({ kind: 'io', size: 32 }), LEGACY, typeOf).specification).toBe(2);
  });

  test('QUIRK VirtioPciDeviceDxe.BarUnchecked: nobody looks', () => {
    expect(driven(withBar({ kind: 'io', size: 16 }), LEGACY, typeOf).edk2).toBe(2);
  });
});

describe('a transitional device, with both drivers there', () => {
  const transitional = (): PciFunction => new VirtioPciTransitional(new ThreeQueues());

  test('specification: the modern driver has it; edk2: the legacy one', () => {
    expect(driven(transitional, BOTH, revisionOf)).toEqual({
      specification: VIRTIO_SPEC_REVISION_1_0_0,
      edk2: VIRTIO_SPEC_REVISION_0_9_5,
    });
  });

  test.each(PROFILES)('%s: whichever comes first in the volume, exactly one binds', (profile) => {
    const revisions = [BOTH, BOTH.toReversed()].map((modules) => {
      const world = new VirtioWorld(transitional(), { modules, profile });
      world.connectRoot();
      const openers = world.bs
        .openProtocolInformation(world.function, PciIoProtocol)
        .filter(({ attributes }) => attributes === EFI_OPEN_PROTOCOL_BY_DRIVER);
      expect(openers).toHaveLength(1);
      return revisionOf(world);
    });
    expect(revisions[0]).toBe(revisions[1]);
  });

  test.each(PROFILES)('%s: without the modern driver the legacy one has it', (profile) => {
    expect(driven(transitional, LEGACY, revisionOf)[profile]).toBe(VIRTIO_SPEC_REVISION_0_9_5);
  });

  test('a modern device goes to the modern driver, a legacy one to the legacy driver', () => {
    const modern = (): PciFunction => new VirtioPciModern(new ThreeQueues());
    expect(driven(modern, BOTH, revisionOf)).toEqual({
      specification: VIRTIO_SPEC_REVISION_1_0_0,
      edk2: VIRTIO_SPEC_REVISION_1_0_0,
    });
    expect(driven(() => new LegacyFunction(), BOTH, revisionOf)).toEqual({
      specification: VIRTIO_SPEC_REVISION_0_9_5,
      edk2: VIRTIO_SPEC_REVISION_0_9_5,
    });
  });
});
