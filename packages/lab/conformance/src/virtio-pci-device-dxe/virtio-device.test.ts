import { EFI_PAGE_SIZE, PciIoProtocol } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import type { VirtioDevice, VRing } from '@dxelab/virtio';
import { VIRTIO_SPEC_REVISION_0_9_5, VirtioDeviceProtocol } from '@dxelab/virtio';
import { virtioPciDeviceDxe } from '@dxelab/virtio-pci-device-dxe';
import { describe, expect, test } from 'vitest';
import { testEveryTransport } from '../virtio-transport-lib/every-transport.fixture.ts';
import { Recorder } from '../virtio10-dxe/recorder.fixture.ts';
import type { ThreeQueues } from '../virtio10-dxe/three-queues.fixture.ts';
import { VirtioWorld } from '../virtio10-dxe/virtio-world.fixture.ts';
import { LegacyFunction } from './legacy-function.fixture.ts';

interface Opened {
  readonly world: VirtioWorld;
  readonly device: VirtioDevice;
  readonly model: ThreeQueues;
}

/** The protocol of a device with three queues, of 8, 16 and 32 descriptors. */
function open(profile: Profile, onAccess: (access: string) => void = () => {}): Opened {
  const func = new LegacyFunction();
  const world = new VirtioWorld(func, { modules: [virtioPciDeviceDxe], profile, onAccess });
  world.connectRoot();
  return { world, device: world.openOnly(VirtioDeviceProtocol), model: func.model };
}

/** A ring in guest memory, which nobody uses. */
function ringAt(base: number): VRing {
  const [avail, used] = [base + 0x400, base + 0x1000];
  return { numPages: 2, base, queueSize: 16, desc: base, avail, used };
}

describe.each(PROFILES)('VIRTIO_DEVICE_PROTOCOL of the legacy PCI transport, %s', (profile) => {
  test('has revision 0.9.5', () => {
    expect(open(profile).device.revision).toBe(VIRTIO_SPEC_REVISION_0_9_5);
    expect(VIRTIO_SPEC_REVISION_0_9_5).toBe(0x00090005);
  });

  test('features are one word, and more is EFI_UNSUPPORTED without an access', () => {
    const { world, device } = open(profile);
    const reads = world.during(() => expect(device.getDeviceFeatures() < 2n ** 32n).toBe(true));
    expect(reads).toEqual([expect.stringMatching(/^R32 @00 = /)]);
    expect(world.during(() => device.setGuestFeatures(0x3000_0000n))).toEqual([
      'W32 @04 = 30000000',
    ]);
    const refused = world.during(() => {
      expect(() => device.setGuestFeatures(2n ** 32n)).toThrow('EFI_UNSUPPORTED');
    });
    expect(refused).toEqual([]);
  });

  test('a ring is published as the number of its page', () => {
    const { world, device } = open(profile);
    device.setQueueSel(1);
    expect(world.during(() => device.setQueueAddress(ringAt(0x12_3000), 0))).toEqual([
      'W32 @08 = 123',
    ]);
  });

  test('the page size is 4096, without an access', () => {
    const { world, device } = open(profile);
    const accesses = world.during(() => {
      device.setPageSize(4096);
      device.setQueueAlign(4096);
      expect(() => device.setPageSize(8192)).toThrow('EFI_UNSUPPORTED');
    });
    expect(accesses).toEqual([]);
  });

  test('the size of the selected queue', () => {
    const { device } = open(profile);
    const sizes = [0, 1, 2, 3].map((index) => {
      device.setQueueSel(index);
      return device.getQueueNumMax();
    });
    expect(sizes).toEqual([8, 16, 32, 0]);
    expect(() => device.setQueueNum(0)).not.toThrow();
  });

  test('a kick is one access', () => {
    const { world, device } = open(profile);
    expect(world.during(() => device.setQueueNotify(2))).toEqual(['W16 @10 = 02']);
  });

  test('the status is a byte, read and written', () => {
    const { world, device } = open(profile);
    const accesses = world.during(() => {
      device.setDeviceStatus(1);
      expect(device.getDeviceStatus()).toBe(1);
    });
    expect(accesses).toEqual(['W8 @12 = 01', 'R8 @12 = 01']);
  });

  test.each([
    [1, 4, 0x04],
    [2, 4, 0x0504],
    [4, 4, 0x07060504],
  ] as const)('%i bytes of the configuration at %i, behind the registers', (size, at, value) => {
    const { world, device } = open(profile);
    const access = `R${size * 8} @18 = ${value.toString(16).padStart(2, '0')}`;
    expect(world.during(() => expect(device.readDevice(at, size)).toBe(value))).toEqual([access]);
    device.writeDevice(at, size, 0);
    expect(device.readDevice(at, size)).toBe(0);
    expect(device.readDevice(at + size, 1)).toBe(at + size);
  });

  test('an access outside the BAR is refused by PciIo', () => {
    const { world, device } = open(profile);
    const accesses = world.during(() => {
      expect(() => device.readDevice(0x100, 4)).toThrow('EFI_UNSUPPORTED');
      expect(() => device.writeDevice(0x100, 1, 0)).toThrow('EFI_UNSUPPORTED');
    });
    expect(accesses).toEqual([]);
  });

  testEveryTransport(() => open(profile));
});

describe('where the profiles differ', () => {
  test('specification: a reset is waited for (§2.4.2); edk2: it is not', () => {
    const resets = PROFILES.map((profile) => {
      const { world, device } = open(profile);
      return world.during(() => device.setDeviceStatus(0));
    });
    expect(resets).toEqual([['W8 @12 = 00', 'R8 @12 = 00'], ['W8 @12 = 00']]);
  });

  test('specification: the ring is where the device sees it; QUIRK QueueAddressTruncated: it is not', () => {
    const published = PROFILES.map((profile) => {
      const { world, device } = open(profile);
      device.setQueueSel(0);
      return world.during(() => device.setQueueAddress(ringAt(0x12_3000), 0x10_0000));
    });
    expect(published).toEqual([['W32 @08 = 223'], ['W32 @08 = 123']]);
  });

  test('specification: a ring at 2^44 is EFI_UNSUPPORTED; QUIRK QueueAddressTruncated: it is at 0', () => {
    const far = ringAt(2 ** 44 + 0x1000);
    const { world, device } = open('specification');
    const accesses = world.during(() => {
      expect(() => device.setQueueAddress(far, 0)).toThrow('EFI_UNSUPPORTED');
    });
    expect(accesses).toEqual([]);
    const edk2 = open('edk2');
    expect(edk2.world.during(() => edk2.device.setQueueAddress(far, 0))).toEqual(['W32 @08 = 01']);
  });

  test('specification: a queue has the size that the device says (§4.1.5.1.3.1)', () => {
    const { device } = open('specification');
    device.setQueueSel(1);
    expect(() => device.setQueueNum(16)).not.toThrow();
    expect(() => device.setQueueNum(8)).toThrow('EFI_UNSUPPORTED: a queue of 8');
    expect(() => device.setQueueAlign(64)).toThrow('EFI_UNSUPPORTED');
  });

  test('QUIRK QueueSetUpUnchecked: any size and alignment will do, without an access', () => {
    const { world, device } = open('edk2');
    const accesses = world.during(() => {
      device.setQueueNum(7);
      device.setQueueAlign(64);
    });
    expect(accesses).toEqual([]);
  });

  test.each([
    ['specification', 0x22222222_22222222n],
    ['edk2', 0x22222222_11111111n],
  ] as const)('%s: a field that changes between its halves reads %i (§2.5.4)', (profile, value) => {
    let changes = 0;
    const opened: Opened = open(profile, (access) => {
      if (access.startsWith('R32 @14') && changes++ === 0) opened.model.change(0x22);
    });
    opened.model.config.fill(0x11);
    expect(opened.device.readDevice64(0)).toBe(value);
  });

  test('specification: memory is shared through PciIo; QUIRK MapsIdentity: PciIo is not asked', () => {
    const calls = PROFILES.map((profile) => {
      const recorder = new Recorder();
      const modules = [recorder.record(virtioPciDeviceDxe)];
      const world = new VirtioWorld(new LegacyFunction(), { modules, profile });
      world.connectRoot();
      const device = world.openOnly(VirtioDeviceProtocol);
      return recorder.during(() => {
        const address = device.allocateSharedPages(1);
        const page = { address, length: EFI_PAGE_SIZE };
        const operation = 'VirtioOperationBusMasterCommonBuffer';
        device.unmapSharedBuffer(device.mapSharedBuffer(operation, page, EFI_PAGE_SIZE));
        device.freeSharedPages(1, address);
      });
    });
    expect(calls).toEqual([
      [
        'AllocateBuffer(EfiBootServicesData,1,800)',
        'Map(BusMasterCommonBuffer,4096)',
        'Unmap(BusMasterCommonBuffer,4096)',
        'FreeBuffer(1)',
      ],
      ['AllocatePages(1)', 'FreePages(1)'],
    ]);
  });

  test('QUIRK MapsIdentity: what bounce buffers took is given back when the driver stops', () => {
    const { world, device } = open('edk2');
    const before = world.freePages();
    const mapping = device.mapSharedBuffer('VirtioOperationBusMasterRead', new Uint8Array(2), 2);
    device.unmapSharedBuffer(mapping);
    expect(world.freePages()).toBe(before - 1);
    world.bs.disconnectController(world.function);
    expect(world.freePages()).toBeGreaterThanOrEqual(before);
  });

  test('specification: Stop succeeds if PciIo was closed before; QUIRK StopFailsWithClose: it fails', () => {
    const stops = PROFILES.map((profile) => {
      const { world } = open(profile);
      const { bs, function: func } = world;
      const binding = world.binding('VirtioPciDeviceDxe');
      bs.closeProtocol(func, PciIoProtocol, world.image('VirtioPciDeviceDxe'), func);
      return () => {
        binding.stop(func, []);
        return world.has(VirtioDeviceProtocol);
      };
    });
    expect(stops[0]?.()).toBe(false);
    expect(stops[1]).toThrow('EFI_NOT_FOUND');
  });
});
