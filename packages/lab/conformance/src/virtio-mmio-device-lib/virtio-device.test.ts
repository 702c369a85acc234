import { PROFILES } from '@dxelab/uefi-lib';
import type { VRing } from '@dxelab/virtio';
import { VIRTIO_SPEC_REVISION_0_9_5, VIRTIO_SPEC_REVISION_1_0_0 } from '@dxelab/virtio';
import { describe, expect, test } from 'vitest';
import { testEveryTransport } from '../virtio-transport-lib/every-transport.fixture.ts';
import type { MmioDevice } from './mmio-device.fixture.ts';
import { openMmio, statusOf } from './mmio-device.fixture.ts';

/** A ring that nobody uses; the modern transport reaches it above 4 GiB, too. */
function ringAt(base: number): VRing {
  const [avail, used] = [base + 0x400, base + 0x1000];
  return { numPages: 2, base, queueSize: 16, desc: base, avail, used };
}

/** What is written, and not what is read. */
const written = (accesses: readonly string[]): readonly string[] =>
  accesses.filter((access) => access.startsWith('W'));

describe.each([
  ['specification', 1],
  ['specification', 2],
  ['edk2', 1],
  ['edk2', 2],
] as const)('VIRTIO_DEVICE_PROTOCOL on MMIO, %s, version %d', (profile, version) => {
  test('has the revision of its version', () => {
    const revisions = { 1: VIRTIO_SPEC_REVISION_0_9_5, 2: VIRTIO_SPEC_REVISION_1_0_0 };
    expect(openMmio(profile, version).device.revision).toBe(revisions[version]);
  });

  test('has the device type', () => {
    expect(openMmio(profile, version).device.subSystemDeviceId).toBe(0x3f);
  });

  test('the size of the selected queue', () => {
    const { device } = openMmio(profile, version);
    const sizes = [0, 1, 2, 3].map((index) => {
      device.setQueueSel(index);
      return device.getQueueNumMax();
    });
    expect(sizes).toEqual([8, 16, 32, 0]);
  });

  test('a kick is one access', () => {
    const { world, device } = openMmio(profile, version);
    expect(world.during(() => device.setQueueNotify(2))).toEqual(['W32 @50 = 02']);
  });

  test('the status is a register of 32 bits', () => {
    const { world, device } = openMmio(profile, version);
    const accesses = world.during(() => {
      device.setDeviceStatus(1);
      expect(device.getDeviceStatus()).toBe(1);
    });
    expect(accesses).toEqual(['W32 @70 = 01', 'R32 @70 = 01']);
  });

  test('other page sizes than 4096 are EFI_UNSUPPORTED, without an access', () => {
    const { world, device } = openMmio(profile, version);
    const accesses = world.during(() => {
      expect(() => device.setPageSize(8192)).toThrow('EFI_UNSUPPORTED');
    });
    expect(accesses).toEqual([]);
  });

  test.each([
    [1, 4, 0x04],
    [2, 4, 0x0504],
    [4, 4, 0x07060504],
  ] as const)('%i bytes of the configuration at %i', (size, at, value) => {
    const { device } = openMmio(profile, version);
    expect(device.readDevice(at, size)).toBe(value);
    device.writeDevice(at, size, 0);
    expect(device.readDevice(at, size)).toBe(0);
    expect(device.readDevice(at + size, 1)).toBe(at + size);
    device.writeDevice(at, size, value);
    expect(device.readDevice(at, size)).toBe(value);
    expect(device.readDevice64(8)).toBe(0x0f0e0d0c_0b0a0908n);
  });

  testEveryTransport(() => openMmio(profile, version));
});

describe('version 1 (virtio §4.2.4)', () => {
  test.each(PROFILES)('%s: features beyond bit 31 are EFI_UNSUPPORTED', (profile) => {
    const { world, device } = openMmio(profile, 1);
    const accesses = world.during(() => {
      expect(() => device.setGuestFeatures(2n ** 32n)).toThrow('EFI_UNSUPPORTED');
    });
    expect(accesses).toEqual([]);
  });

  test('specification: features are selected; QUIRK SelectorsUnwritten: they are not', () => {
    const accesses = PROFILES.map((profile) => {
      const { world, device } = openMmio(profile, 1);
      return world.during(() => {
        device.getDeviceFeatures();
        device.setGuestFeatures(0n);
      });
    });
    const read = expect.stringMatching(/^R32 @10 = /);
    expect(accesses).toEqual([
      ['W32 @14 = 00', read, 'W32 @24 = 00', 'W32 @20 = 00'],
      [read, 'W32 @20 = 00'],
    ]);
  });

  test.each(PROFILES)('%s: the device is told page size, alignment, size and page', (profile) => {
    const { world, device } = openMmio(profile, 1);
    const accesses = world.during(() => {
      device.setPageSize(4096);
      device.setQueueSel(1);
      device.setQueueNum(16);
      device.setQueueAlign(4096);
      device.setQueueAddress(ringAt(0x12_3000), 0);
    });
    expect(written(accesses)).toEqual([
      'W32 @28 = 1000',
      'W32 @30 = 01',
      'W32 @38 = 10',
      'W32 @3c = 1000',
      'W32 @40 = 123',
    ]);
  });

  test('specification: a ring at 2^44 is EFI_UNSUPPORTED; QUIRK QueueAddressTruncated: it is at 0', () => {
    const far = ringAt(2 ** 44 + 0x1000);
    const { world, device } = openMmio('specification', 1);
    device.setQueueSel(0);
    const accesses = world.during(() => {
      expect(() => device.setQueueAddress(far, 0)).toThrow('EFI_UNSUPPORTED');
    });
    expect(written(accesses)).toEqual([]);
    const edk2 = openMmio('edk2', 1);
    expect(edk2.world.during(() => edk2.device.setQueueAddress(far, 0))).toEqual(['W32 @40 = 01']);
  });

  test('specification: a queue in use is EFI_DEVICE_ERROR; QUIRK QueueSetUpUnchecked: it is set up', () => {
    const statuses = PROFILES.map((profile) => {
      const { device } = openMmio(profile, 1);
      device.setPageSize(4096);
      device.setQueueSel(1);
      device.setQueueNum(16);
      device.setQueueAlign(4096);
      device.setQueueAddress(ringAt(0x12_3000), 0);
      return statusOf(() => device.setQueueAddress(ringAt(0x45_6000), 0));
    });
    expect(statuses).toEqual(['EFI_DEVICE_ERROR', 'EFI_SUCCESS']);
  });
});

describe('version 2 (virtio §4.2.2, §4.2.3)', () => {
  test.each(PROFILES)('%s: features go in two halves, each behind its selector', (profile) => {
    const { world, device } = openMmio(profile, 2);
    const accesses = world.during(() => {
      device.getDeviceFeatures();
      device.setGuestFeatures(0x3_3000_0000n);
    });
    expect(written(accesses)).toEqual([
      'W32 @14 = 00',
      'W32 @14 = 01',
      'W32 @24 = 00',
      'W32 @20 = 30000000',
      'W32 @24 = 01',
      'W32 @20 = 03',
    ]);
  });

  test.each(PROFILES)('%s: page size and alignment are not told', (profile) => {
    const { world, device } = openMmio(profile, 2);
    const accesses = world.during(() => {
      device.setPageSize(4096);
      device.setQueueAlign(64);
    });
    expect(accesses).toEqual([]);
  });

  test.each(PROFILES)(
    '%s: size and addresses go as halves, and last the queue is ready',
    (profile) => {
      const { world, device } = openMmio(profile, 2);
      device.setQueueSel(1);
      const accesses = world.during(() => {
        device.setQueueNum(16);
        device.setQueueAddress(ringAt(0x1_2345_6000), 0);
      });
      expect(written(accesses)).toEqual([
        'W32 @38 = 10',
        'W32 @80 = 23456000',
        'W32 @84 = 01',
        'W32 @90 = 23456400',
        'W32 @94 = 01',
        'W32 @a0 = 23457000',
        'W32 @a4 = 01',
        'W32 @44 = 01',
      ]);
    },
  );

  test('specification: the ring is where the device sees it; QUIRK QueueAddressTruncated: it is not', () => {
    const descriptors = PROFILES.map((profile) => {
      const { world, device } = openMmio(profile, 2);
      device.setQueueSel(1);
      device.setQueueNum(16);
      const accesses = world.during(() => device.setQueueAddress(ringAt(0x12_3000), 0x10_0000));
      return accesses.find((access) => access.startsWith('W32 @80'));
    });
    expect(descriptors).toEqual(['W32 @80 = 223000', 'W32 @80 = 123000']);
  });

  /** What the device is told of queue 2 by a driver that is content with any size. */
  function sizeOfQueue2({ world, device }: MmioDevice): string | undefined {
    device.setQueueSel(2);
    const accesses = world.during(() => device.setQueueAddress(ringAt(0x12_3000), 0));
    return accesses.find((access) => access.startsWith('W32 @38'));
  }

  test('specification: a driver that sets no size gets the largest', () => {
    expect(sizeOfQueue2(openMmio('specification', 2))).toBe('W32 @38 = 20');
    const opened = openMmio('specification', 2);
    opened.device.setQueueSel(0);
    opened.device.setQueueNum(8);
    expect(sizeOfQueue2(opened)).toBe('W32 @38 = 20');
  });

  test('QUIRK QueueSizeOfLegacyOnly: it gets 0, or the size of another queue', () => {
    expect(sizeOfQueue2(openMmio('edk2', 2))).toBe('W32 @38 = 00');
    const opened = openMmio('edk2', 2);
    opened.device.setQueueSel(0);
    opened.device.setQueueNum(8);
    expect(sizeOfQueue2(opened)).toBe('W32 @38 = 08');
  });

  test('specification: a queue that is ready is EFI_DEVICE_ERROR; QUIRK QueueSetUpUnchecked: it is set up', () => {
    const statuses = PROFILES.map((profile) => {
      const { device } = openMmio(profile, 2);
      device.setQueueSel(1);
      device.setQueueNum(16);
      device.setQueueAddress(ringAt(0x12_3000), 0);
      return statusOf(() => device.setQueueAddress(ringAt(0x45_6000), 0));
    });
    expect(statuses).toEqual(['EFI_DEVICE_ERROR', 'EFI_SUCCESS']);
  });
});

describe('where the profiles differ', () => {
  test.each([1, 2] as const)('version %d: a reset is waited for (§2.4.2), or not', (version) => {
    const resets = PROFILES.map((profile) => {
      const { world, device } = openMmio(profile, version);
      return world.during(() => device.setDeviceStatus(0));
    });
    expect(resets).toEqual([['W32 @70 = 00', 'R32 @70 = 00'], ['W32 @70 = 00']]);
  });

  test.each([1, 2] as const)('version %d: a size that the device does not offer', (version) => {
    const { device } = openMmio('specification', version);
    device.setQueueSel(1);
    expect(() => device.setQueueNum(8)).not.toThrow();
    expect(() => device.setQueueNum(32)).toThrow('EFI_UNSUPPORTED: a queue of 32');
    const edk2 = openMmio('edk2', version).device;
    edk2.setQueueSel(1);
    expect(() => edk2.setQueueNum(32)).not.toThrow();
  });

  test.each([1, 2] as const)('version %d: fields have their width, or go by byte', (version) => {
    const accesses = PROFILES.map((profile) => {
      const { world, device } = openMmio(profile, version);
      return world.during(() => {
        device.readDevice(4, 2);
        device.writeDevice(8, 4, 0x01020304);
      });
    });
    expect(accesses).toEqual([
      ['R16 @104 = 504', 'W32 @108 = 1020304'],
      [
        'R8 @104 = 04',
        'R8 @105 = 05',
        'W8 @108 = 04',
        'W8 @109 = 03',
        'W8 @10a = 02',
        'W8 @10b = 01',
      ],
    ]);
  });

  test('specification: a field that is not aligned is EFI_INVALID_PARAMETER', () => {
    const { world, device } = openMmio('specification', 2);
    const accesses = world.during(() => {
      expect(() => device.readDevice(2, 4)).toThrow('EFI_INVALID_PARAMETER');
      expect(() => device.readDevice(-2, 2)).toThrow('EFI_INVALID_PARAMETER');
      expect(() => device.writeDevice(1, 2, 0)).toThrow('EFI_INVALID_PARAMETER');
    });
    expect(accesses).toEqual([]);
  });

  test.each([1, 2] as const)(
    'version %d: a field that changes between its halves (§2.5.1, §2.5.4)',
    (version) => {
      const values = PROFILES.map((profile) => {
        let changes = 0;
        const opened: MmioDevice = openMmio(profile, version, {
          onAccess: (access) => {
            if (/^R(?:32 @100|8 @103) /.test(access) && changes++ === 0) opened.model.change(0x22);
          },
        });
        opened.model.config.fill(0x11);
        return opened.device.readDevice64(0);
      });
      expect(values).toEqual([0x22222222_22222222n, 0x22222222_11111111n]);
    },
  );

  test.each([1, 2] as const)(
    'version %d: what is unmapped twice is EFI_INVALID_PARAMETER; QUIRK UnmapUnchecked: nothing',
    (version) => {
      const statuses = PROFILES.map((profile) => {
        const { device } = openMmio(profile, version);
        const page = { address: 0x1000, length: 16 };
        const mapping = device.mapSharedBuffer('VirtioOperationBusMasterRead', page, 16);
        device.unmapSharedBuffer(mapping);
        return statusOf(() => device.unmapSharedBuffer(mapping));
      });
      expect(statuses).toEqual(['EFI_INVALID_PARAMETER', 'EFI_SUCCESS']);
    },
  );
});
