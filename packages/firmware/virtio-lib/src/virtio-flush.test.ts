import { describe, expect, test } from 'vitest';
import { VSTAT_NEEDS_RESET } from '@dxelab/virtio';
import { RingDevice } from './ring-device.fixture.ts';
import { virtioAppendDesc, virtioPrepare } from './virtio-append-desc.ts';
import { virtioAwait, virtioFlush } from './virtio-flush.ts';
import { virtioRingInit } from './virtio-ring-init.ts';
import type { VirtioRing } from './virtio-ring.ts';

/** A device with a ring of four, and a request of a header, data and status. */
function prepared(device: RingDevice): VirtioRing {
  const ring = virtioRingInit(device, 4, device.services, device.libraries);
  device.ring = ring;
  device.log.length = 0;
  return ring;
}

function request(device: RingDevice, ring: VirtioRing, timeout?: number): number {
  const indices = virtioPrepare(ring);
  virtioAppendDesc(ring, 0x5000, 16, 1, indices);
  virtioAppendDesc(ring, 0x1_2345_6000, 512, 3, indices);
  virtioAppendDesc(ring, 0x5010, 1, 2, indices);
  return virtioFlush(device, 0, ring, indices, timeout);
}

describe('VirtioPrepare and VirtioAppendDesc', () => {
  test('a chain begins at descriptor 0, with every field in its place', () => {
    const device = new RingDevice();
    const ring = prepared(device);
    device.onNotify = () => device.use(0, 513);
    request(device, ring);
    const { ram } = device;
    const descriptors = [0, 16, 32].map((at) => [
      ram.readBigUint64(ring.desc + at),
      ram.readUint32(ring.desc + at + 8),
      ram.readUint16(ring.desc + at + 12),
      ram.readUint16(ring.desc + at + 14),
    ]);
    expect(descriptors).toEqual([
      [0x5000n, 16, 1, 1],
      [0x1_2345_6000n, 512, 3, 2],
      [0x5010n, 1, 2, 3],
    ]);
    expect(ram.readUint16(ring.avail)).toBe(1);
  });
});

describe('VirtioFlush', () => {
  test('submits one chain once: the head is pushed once, whatever its length (2013)', () => {
    const device = new RingDevice();
    const ring = prepared(device);
    device.onNotify = () => device.use(0, 513);
    request(device, ring);
    request(device, ring);
    expect(device.ram.readUint16(ring.avail + 2)).toBe(2);
    expect([0, 1].map((entry) => device.ram.readUint16(ring.avail + 4 + entry * 2))).toEqual([
      0, 0,
    ]);
  });

  test('orders ring entry, index and notification with fences (virtio §2.7.13)', () => {
    const device = new RingDevice();
    const ring = prepared(device);
    device.onNotify = () => device.use(0, 513);
    request(device, ring);
    expect(device.log).toEqual(['fence', 'fence', 'notify 0', 'fence', 'fence']);
  });

  test('returns the used length', () => {
    const device = new RingDevice();
    const ring = prepared(device);
    device.onNotify = () => device.use(0, 7);
    expect(request(device, ring)).toBe(7);
  });

  test('waits with pauses that double from 1 to 1024 microseconds', () => {
    const device = new RingDevice();
    const ring = prepared(device);
    device.onStall = () => {
      if (device.stalls.length === 13) device.use(0, 1);
    };
    request(device, ring);
    expect(device.stalls).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1024, 1024]);
  });

  test('its indices wrap at 65536 (virtio §2.7.6)', () => {
    const device = new RingDevice();
    const ring = prepared(device);
    device.onNotify = () => device.use(0, 1);
    for (let count = 0; count < 65537; count++) request(device, ring);
    expect(device.ram.readUint16(ring.avail + 2)).toBe(1);
  });

  test.each([
    ['specification', 0],
    ['edk2', 1],
  ] as const)(
    '%s: with VRING_USED_F_NO_NOTIFY set, %i notifications (§2.7.10)',
    (profile, count) => {
      const device = new RingDevice(profile);
      const ring = prepared(device);
      device.ram.writeUint16(ring.used, 1);
      device.onStall = () => device.use(0, 1);
      request(device, ring);
      expect(device.log.filter((line) => line === 'notify 0')).toHaveLength(count);
    },
  );
});

describe('what the device wrote is not to be trusted (specification)', () => {
  test.each([
    ['an id that was never submitted', (device: RingDevice) => device.use(1, 1), /used id 1/],
    [
      'more bytes than were writable',
      (device: RingDevice) => device.use(0, 514),
      /used length 514/,
    ],
    [
      'two chains where one was submitted',
      (device: RingDevice) => device.use(0, 1, 2),
      /used index 2/,
    ],
    [
      'DEVICE_NEEDS_RESET',
      (device: RingDevice) => {
        device.status |= VSTAT_NEEDS_RESET;
      },
      /asks for a reset/,
    ],
  ])('%s breaks the ring, until it is set up anew', (_what, behaviour, message) => {
    const device = new RingDevice();
    const ring = prepared(device);
    device.onNotify = behaviour;
    expect(() => request(device, ring)).toThrow(message);
    expect(ring.broken).toMatch(message);
    device.onNotify = () => device.use(0, 1);
    expect(() => request(device, ring)).toThrow(/EFI_DEVICE_ERROR.*not reset since/);
    expect(() => request(device, ring)).toThrow(message);
  });

  test('a chain that was used twice is not taken for the answer to the next one', () => {
    const device = new RingDevice();
    const ring = prepared(device);
    device.onNotify = () => device.use(0, 1);
    request(device, ring);
    device.use(0, 1);
    device.log.length = 0;
    expect(() => request(device, ring)).toThrow(/EFI_DEVICE_ERROR.*used index 2 after 1/);
    expect(device.log).toEqual([]);
    expect(device.ram.readUint16(ring.avail + 2)).toBe(1);
  });

  test('its own index is its own copy: one that the device overwrote is not read back', () => {
    const device = new RingDevice();
    const ring = prepared(device);
    device.onNotify = () => {
      device.use(0, 1);
      device.ram.writeUint16(ring.avail + 2, 40);
    };
    request(device, ring);
    device.onNotify = () => device.use(0, 1);
    request(device, ring);
    expect(device.ram.readUint16(ring.avail + 2)).toBe(2);
  });

  test('a notification that fails leaves a chain that may be seen later: the ring is broken', () => {
    const device = new RingDevice();
    const ring = prepared(device);
    device.onNotify = () => {
      throw new TypeError('the bus is gone');
    };
    expect(() => request(device, ring)).toThrow('the bus is gone');
    expect(ring.broken).toMatch(/could not be notified/);
  });
});

describe('what ships believes the device (edk2)', () => {
  test('any id and any length are returned', () => {
    const device = new RingDevice('edk2');
    const ring = prepared(device);
    device.onNotify = () => device.use(3, 0xffff_ffff);
    expect(request(device, ring)).toBe(0xffff_ffff);
  });

  test('an index that overshoots is waited for, for ever', () => {
    const device = new RingDevice('edk2');
    const ring = prepared(device);
    device.onNotify = () => device.use(0, 1, 2);
    device.onStall = () => {
      if (device.stalls.length === 1000) throw new RangeError('the budget is spent');
    };
    expect(() => request(device, ring)).toThrow('the budget is spent');
  });
});

describe('a timeout', () => {
  const waited = ({ stalls }: RingDevice): number => stalls.reduce((sum, stall) => sum + stall, 0);

  test('ends the wait after as many microseconds, and the ring with it', () => {
    const device = new RingDevice();
    const ring = prepared(device);
    expect(() => request(device, ring, 3000)).toThrow('EFI_TIMEOUT');
    expect(waited(device)).toBe(3000);
    expect(() => request(device, ring, 3000)).toThrow('EFI_DEVICE_ERROR');
    expect(device.log.filter((line) => line.startsWith('notify'))).toHaveLength(1);
  });

  test('is not felt by a request that is answered within it', () => {
    const device = new RingDevice();
    const ring = prepared(device);
    device.onStall = () => {
      if (device.stalls.length === 5) device.use(0, 7);
    };
    expect(request(device, ring, 3000)).toBe(7);
    expect(device.stalls).toEqual([1, 2, 4, 8, 16]);
  });

  test('leaves a chain that can still come back: then the ring works again', () => {
    const device = new RingDevice();
    const ring = prepared(device);
    expect(() => request(device, ring, 10)).toThrow('EFI_TIMEOUT');
    expect(() => virtioAwait(device, 0, ring, ring.indices, 10)).toThrow('EFI_TIMEOUT');
    device.use(0, 7);
    expect(virtioAwait(device, 0, ring, ring.indices, 10)).toBe(7);
    device.onNotify = () => device.use(0, 8);
    expect(request(device, ring)).toBe(8);
  });
});
