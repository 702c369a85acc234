import {
  EFI_RNG_ALGORITHM_ARM_RNDR,
  EFI_RNG_ALGORITHM_RAW,
  EFI_RNG_ALGORITHM_SP800_90_CTR_256,
  EFI_RNG_ALGORITHM_SP800_90_HASH_256,
  EFI_RNG_ALGORITHM_SP800_90_HMAC_256,
  EFI_RNG_ALGORITHM_X9_31_3DES,
  EFI_RNG_ALGORITHM_X9_31_AES,
  RngProtocol,
  TPL_CALLBACK,
  EVT_TIMER,
  EVT_NOTIFY_SIGNAL,
  EVT_SIGNAL_EXIT_BOOT_SERVICES,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { counted, counting, RngWorld } from './rng-world.fixture.ts';

const MIB = 2 ** 20;

/** Where a driver stands that is stopped while somebody still holds its protocol. */
function stopped(world: RngWorld) {
  const rng = world.open();
  world.bs.disconnectController(world.only(RngProtocol));
  return rng;
}

describe.each(PROFILES)('EFI_RNG_PROTOCOL (UEFI §37.5), %s', (profile) => {
  test('GetInfo: there is one algorithm, Raw, every time (§37.5.2)', () => {
    const rng = new RngWorld({ profile }).open();
    expect(rng.getInfo()).toEqual([EFI_RNG_ALGORITHM_RAW]);
    expect(rng.getInfo()).toEqual([EFI_RNG_ALGORITHM_RAW]);
  });

  test('GetRNG fills an array and guest memory, whole and in order (§37.5.3)', () => {
    const world = new RngWorld({ profile });
    const rng = world.open();
    const value = new Uint8Array(33);
    rng.getRng(undefined, value);
    expect(value).toEqual(counted(33));

    const address = world.bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 1);
    rng.getRng(EFI_RNG_ALGORITHM_RAW, { address, length: 100 });
    const guest = new Uint8Array(101);
    world.machine.platform.ram.readBytes(address, guest);
    expect(guest.subarray(0, 100)).toEqual(counted(100, 33));
    expect(guest[100]).not.toBe(133);
    expect(world.findings).toEqual([]);
  });

  test.each([
    ['EFI_INVALID_PARAMETER', 'no length', undefined, 0],
    // the length is looked at first
    ['EFI_INVALID_PARAMETER', 'no length', EFI_RNG_ALGORITHM_X9_31_AES, 0],
    ['EFI_UNSUPPORTED', 'SP800-90 Hash', EFI_RNG_ALGORITHM_SP800_90_HASH_256, 16],
    ['EFI_UNSUPPORTED', 'SP800-90 HMAC', EFI_RNG_ALGORITHM_SP800_90_HMAC_256, 16],
    ['EFI_UNSUPPORTED', 'SP800-90 CTR', EFI_RNG_ALGORITHM_SP800_90_CTR_256, 16],
    ['EFI_UNSUPPORTED', 'X9.31 3DES', EFI_RNG_ALGORITHM_X9_31_3DES, 16],
    ['EFI_UNSUPPORTED', 'X9.31 AES', EFI_RNG_ALGORITHM_X9_31_AES, 16],
    ['EFI_UNSUPPORTED', 'Arm RNDR', EFI_RNG_ALGORITHM_ARM_RNDR, 16],
  ])('%s: %s, and the device hears nothing of it', (status, _what, algorithm, length) => {
    const world = new RngWorld({ profile });
    const rng = world.open();
    const accesses = world.during(() => {
      expect(() => rng.getRng(algorithm, new Uint8Array(length))).toThrow(status);
    });
    expect(accesses).toEqual([]);
  });

  test('a device that answers short is asked for the rest (virtio §5.4.6)', () => {
    const world = new RngWorld({ profile, rng: { entropy: counting(), bytesPerAnswer: 6 } });
    const value = new Uint8Array(16);
    world.open().getRng(undefined, value);
    expect(value).toEqual(counted(16));
    expect(world.device.requests).toEqual([[16], [10], [4]]);
  });

  test('a byte at a time, and a device that takes its time', () => {
    const rng = { entropy: counting(), bytesPerAnswer: 1, latency: 50_000 };
    const value = new Uint8Array(300);
    new RngWorld({ profile, rng }).open().getRng(undefined, value);
    expect(value).toEqual(counted(300));
  });

  test('more than there is memory for is a device error (§37.5.3 knows no other)', () => {
    const rng = new RngWorld({ profile }).open();
    expect(() => rng.getRng(undefined, { address: 0, length: 128 * MIB })).toThrow(
      /EFI_DEVICE_ERROR.*134217728 bytes of entropy could not be had.*EFI_OUT_OF_RESOURCES/,
    );
  });

  test('nothing of it is left behind, and it can go on', () => {
    const world = new RngWorld({ profile });
    const rng = world.open();
    rng.getRng(undefined, new Uint8Array(MIB));
    const before = world.freePages();
    for (let count = 0; count < 4; count++) rng.getRng(undefined, new Uint8Array(MIB));
    expect(() => rng.getRng(EFI_RNG_ALGORITHM_X9_31_AES, new Uint8Array(1))).toThrow(
      'EFI_UNSUPPORTED',
    );
    expect(world.freePages()).toBe(before);
  });

  test('a notification function that wants entropy, too, does not come in between', () => {
    const entropy = counting();
    const world = new RngWorld({ profile, rng: { entropy, bytesPerAnswer: 3, latency: 20_000 } });
    const rng = world.open();
    const [inner, outer] = [new Uint8Array(9), new Uint8Array(99)];
    const timer = world.bs.createEvent(
      EVT_TIMER | EVT_NOTIFY_SIGNAL,
      TPL_CALLBACK,
      () => rng.getRng(undefined, inner),
      undefined,
    );
    world.bs.setTimer(timer, 'TimerRelative', 1000);
    rng.getRng(undefined, outer);
    world.bs.stall(20_000);
    expect(outer).toEqual(counted(99));
    expect(inner).toEqual(counted(9, 99));
  });

  test('a device that was stopped gives no entropy', () => {
    const world = new RngWorld({ profile });
    const rng = stopped(world);
    const accesses = world.during(() => {
      expect(() => rng.getRng(undefined, new Uint8Array(16))).toThrow(
        /EFI_DEVICE_ERROR.*the device was stopped/,
      );
    });
    expect(accesses).toEqual([]);
  });

  test('nor does one whose boot services end', () => {
    const world = new RngWorld({ profile });
    const heard: string[] = [];
    const draw = (): void => {
      try {
        world.openOnly(RngProtocol).getRng(undefined, new Uint8Array(16));
      } catch (caught) {
        heard.push(String(caught));
      }
    };
    // before the driver's own: of two events of one level the younger one is notified first
    world.bs.createEvent(EVT_SIGNAL_EXIT_BOOT_SERVICES, TPL_CALLBACK, draw, undefined);
    world.connect();
    world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
    expect(heard).toEqual([expect.stringContaining('the device was stopped')]);
  });
});

test('specification: what a stopped device refuses costs nothing; edk2: it leaks', () => {
  const leaked = (profile: (typeof PROFILES)[number]): number => {
    const world = new RngWorld({ profile });
    const rng = stopped(world);
    const before = world.freePages();
    expect(() => rng.getRng(undefined, new Uint8Array(MIB))).toThrow('EFI_DEVICE_ERROR');
    return before - world.freePages();
  };
  expect(leaked('specification')).toBe(0);
  expect(leaked('edk2')).toBeGreaterThanOrEqual(MIB / 4096);
});

describe('where runs repeat', () => {
  function entropy(profile: (typeof PROFILES)[number]): Uint8Array {
    const value = new Uint8Array(64);
    new RngWorld({ profile, rng: {} }).open().getRng(undefined, value);
    return value;
  }

  test('same seed, same bytes, in either profile', () => {
    expect(entropy('specification')).toEqual(entropy('specification'));
    expect(entropy('edk2')).toEqual(entropy('specification'));
    expect(new Set(entropy('edk2')).size).toBeGreaterThan(40);
  });
});
