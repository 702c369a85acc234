import { describe, expect, test } from 'vitest';
import { VIRTIO_F_ACCESS_PLATFORM, VIRTIO_F_VERSION_1 } from '@dxelab/virtio';
import { RingDevice } from './ring-device.fixture.ts';
import { virtioInit, virtioUninit } from './virtio-init.ts';
import { virtioMapAllBytesInSharedBuffer } from './virtio-map-all-bytes.ts';

const FLUSH = 1n << 9n;

function init(device: RingDevice, wanted: bigint = FLUSH, minimumQueueSize = 3) {
  return virtioInit(device, device.services, device.libraries, {
    choose: () => wanted,
    queue: 0,
    minimumQueueSize,
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
