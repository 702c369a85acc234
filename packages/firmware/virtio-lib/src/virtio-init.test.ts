import { describe, expect, test } from 'vitest';
import { EfiError } from '@dxelab/uefi';
import {
  VIRTIO_F_ACCESS_PLATFORM,
  VIRTIO_F_VERSION_1,
  VIRTIO_SPEC_REVISION_0_9_5,
} from '@dxelab/virtio';
import { RingDevice } from './ring-device.fixture.ts';
import type { VirtioInitOptions, VirtioSetup } from './virtio-init.ts';
import { virtioInit, virtioUninit } from './virtio-init.ts';
import { virtioMapAllBytesInSharedBuffer } from './virtio-map-all-bytes.ts';
import { virtio10WriteFeatures } from './virtio10-write-features.ts';

const FLUSH = 1n << 9n;

function init(
  device: RingDevice,
  wanted: bigint = FLUSH,
  others: Partial<VirtioInitOptions> = {},
): VirtioSetup {
  return virtioInit(device, device.services, device.libraries, {
    choose: () => wanted,
    queue: 0,
    minimumQueueSize: 3,
    ...others,
  });
}

function statuses(device: RingDevice): string[] {
  return device.log.filter((line) => line.startsWith('status'));
}

describe('a modern device is brought up (virtio §3.1.1)', () => {
  test('reset, acknowledge, driver, features, queue, driver ok, in this order', () => {
    const device = new RingDevice('specification', VIRTIO_F_VERSION_1 | FLUSH);
    init(device);
    expect(device.log).toEqual([
      'status 0x00',
      'status 0x01',
      'status 0x03',
      'features 0x100000200',
      'status 0x0b',
      'select 0',
      'allocate 2',
      'size 4',
      'address +0',
      'status 0x0f',
    ]);
  });

  test('takes of the offered features what it knows, VERSION_1 and ACCESS_PLATFORM', () => {
    const offered = VIRTIO_F_VERSION_1 | VIRTIO_F_ACCESS_PLATFORM | 0x30000644n;
    const device = new RingDevice('specification', offered);
    expect(init(device, 0x640n).features).toBe(0x3_0000_0640n);
  });

  test('acts as if what it declines were not offered, ACCESS_PLATFORM too', () => {
    const offered = VIRTIO_F_VERSION_1 | VIRTIO_F_ACCESS_PLATFORM | 0x30000644n;
    const device = new RingDevice('specification', offered);
    const declined = VIRTIO_F_ACCESS_PLATFORM | 0x40n;
    expect(init(device, 0x640n, { declined }).features).toBe(0x1_0000_0600n);
  });

  test('a refused feature set leaves FAILED on what the device showed', () => {
    const device = new RingDevice();
    device.refuseFeatures = true;
    expect(() => init(device)).toThrow(/EFI_UNSUPPORTED.*refuses the features/);
    expect(statuses(device).at(-1)).toBe('status 0x83');
  });

  test('a queue that is too small fails after FEATURES_OK, and leaves nothing allocated', () => {
    const device = new RingDevice();
    device.queueNumMax = 2;
    expect(() => init(device)).toThrow(/EFI_UNSUPPORTED.*2 descriptors/);
    expect(statuses(device).at(-1)).toBe('status 0x8b');
    expect(device.log.filter((line) => line.startsWith('allocate'))).toHaveLength(0);
  });

  test('a ring that cannot be mapped whole is freed again', () => {
    const device = new RingDevice();
    device.largestMapping = 100;
    expect(() => init(device)).toThrow('EFI_OUT_OF_RESOURCES');
    expect(device.log.slice(-3)).toEqual(['unmap', 'free 2', 'status 0x8b']);
  });

  test('specification: a device without VERSION_1 is not driven (virtio §6.1)', () => {
    expect(() => init(new RingDevice('specification', 0n))).toThrow(
      /EFI_UNSUPPORTED.*VIRTIO_F_VERSION_1/,
    );
  });

  test('edk2: a device without VERSION_1 is driven all the same', () => {
    expect(init(new RingDevice('edk2', 0n)).features).toBe(0n);
  });

  test('is reset before its ring is given back', () => {
    const device = new RingDevice();
    const setup = init(device);
    device.log.length = 0;
    virtioUninit(device, setup);
    expect(device.log).toEqual(['status 0x00', 'unmap', 'free 2']);
  });
});

describe('a device that is brought up half', () => {
  test('the configuration is written between the queue and DRIVER_OK (virtio §3.1.1, step 7)', () => {
    const device = new RingDevice();
    virtioInit(device, device.services, device.libraries, {
      choose: () => 0n,
      queue: 0,
      minimumQueueSize: 3,
      configure: () => device.log.push('configure'),
    });
    expect(device.log.slice(-3)).toEqual(['address +0', 'configure', 'status 0x0f']);
  });

  test('a driver that will have none of it leaves FAILED, and no queue', () => {
    const device = new RingDevice();
    const refuse = (): never => {
      throw new EfiError('EFI_UNSUPPORTED', 'a capacity of 0');
    };
    const options = { choose: refuse, queue: 0, minimumQueueSize: 3 };
    expect(() => virtioInit(device, device.services, device.libraries, options)).toThrow(
      'EFI_UNSUPPORTED: a capacity of 0',
    );
    expect(device.log).toEqual(['status 0x00', 'status 0x01', 'status 0x03', 'status 0x83']);
  });

  test('what fails last is undone first, and a clean-up that fails hides nothing', () => {
    const device = new RingDevice();
    const options = {
      choose: () => 0n,
      queue: 0,
      minimumQueueSize: 3,
      configure(): never {
        device.log.length = 0;
        throw new EfiError('EFI_DEVICE_ERROR', 'the configuration cannot be written');
      },
    };
    device.unmapSharedBuffer = () => {
      throw new EfiError('EFI_INVALID_PARAMETER', 'no such mapping');
    };
    expect(() => virtioInit(device, device.services, device.libraries, options)).toThrow(
      'EFI_DEVICE_ERROR: the configuration cannot be written',
    );
    expect(device.log).toEqual(['free 2', 'status 0x8b']);
  });
});

describe('a device with several queues', () => {
  const moreQueues = [{ queue: 0, minimumQueueSize: 2 }];

  test('each is set up in its turn, and given back', () => {
    const device = new RingDevice();
    const setup = init(device, 0n, { queue: 2, moreQueues });
    expect(device.log.slice(5, -1)).toEqual([
      'select 2',
      'allocate 2',
      'size 4',
      'address +0',
      'select 0',
      'allocate 2',
      'size 4',
      'address +0',
    ]);
    expect(setup.moreQueues.map(({ ring }) => ring.base)).toEqual([setup.ring.base + 0x2000]);
    device.log.length = 0;
    virtioUninit(device, setup);
    expect(device.log).toEqual(['status 0x00', 'unmap', 'free 2', 'unmap', 'free 2']);
  });

  test('one that is too small takes the others with it', () => {
    const device = new RingDevice();
    const tooLarge = [{ queue: 0, minimumQueueSize: 5 }];
    expect(() => init(device, 0n, { queue: 2, moreQueues: tooLarge })).toThrow('EFI_UNSUPPORTED');
    expect(device.log.slice(-4)).toEqual(['select 0', 'unmap', 'free 2', 'status 0x8b']);
  });
});

describe('a legacy device is brought up (virtio §3.1.2)', () => {
  const legacy = (profile: 'specification' | 'edk2'): RingDevice => {
    const device = new RingDevice(profile, 0x3_3000_0644n);
    device.revision = VIRTIO_SPEC_REVISION_0_9_5;
    return device;
  };

  test('specification: features first; there is no FEATURES_OK', () => {
    const device = legacy('specification');
    init(device, 0x640n);
    expect(device.log).toEqual([
      'status 0x00',
      'status 0x01',
      'status 0x03',
      'features 0x640',
      'select 0',
      'allocate 2',
      'size 4',
      'address +0',
      'status 0x07',
    ]);
  });

  test('edk2: features after the queue', () => {
    const device = legacy('edk2');
    init(device, 0x640n);
    expect(device.log.slice(-3)).toEqual(['address +0', 'features 0x640', 'status 0x07']);
  });

  test('a failure adds FAILED to what was written last', () => {
    const device = legacy('specification');
    device.queueNumMax = 0;
    expect(() => init(device)).toThrow('EFI_UNSUPPORTED');
    expect(statuses(device).at(-1)).toBe('status 0x83');
  });
});

describe('Virtio10WriteFeatures', () => {
  test('features, FEATURES_OK, and what the device shows then', () => {
    const device = new RingDevice();
    device.ownStatus = 0x40;
    expect(virtio10WriteFeatures(device, 5n, 3)).toBe(0x4b);
    expect(device.log).toEqual(['features 0x5', 'status 0x0b']);
  });

  test('what the device shows is written again with DRIVER_OK', () => {
    const device = new RingDevice();
    device.ownStatus = 0x40;
    init(device);
    expect(statuses(device).at(-1)).toBe('status 0x4f');
  });

  test('before revision 1.0.0 it is EFI_UNSUPPORTED, without an access', () => {
    const device = new RingDevice();
    device.revision = VIRTIO_SPEC_REVISION_0_9_5;
    expect(() => virtio10WriteFeatures(device, 5n, 3)).toThrow('EFI_UNSUPPORTED');
    expect(device.log).toEqual([]);
  });
});

describe('VirtioMapAllBytesInSharedBuffer', () => {
  test('maps all or nothing', () => {
    const device = new RingDevice();
    device.largestMapping = 4096;
    const buffer = { address: 0x5000, length: 8192 };
    const map = (bytes: number) =>
      virtioMapAllBytesInSharedBuffer(device, 'VirtioOperationBusMasterRead', buffer, bytes);
    expect(map(4096)).toEqual({ deviceAddress: 0x5000, numberOfBytes: 4096 });
    expect(() => map(4097)).toThrow(/EFI_OUT_OF_RESOURCES.*4097 bytes/);
    expect(device.log).toEqual(['unmap']);
  });
});
