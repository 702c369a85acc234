import { isTerminalSignal } from '@dxelab/platform';
import { RngProtocol } from '@dxelab/uefi';
import type { EfiRng } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { counted, counting, RngWorld } from './rng-world.fixture.ts';

const CANARY = 0xee;
const empty = { bytesPerAnswer: 0, latency: 1_000_000 };

/** Asks for 16 bytes, which must fail, and tells what has reached the caller. */
function refused(rng: EfiRng, status: string | RegExp): readonly number[] {
  const value = new Uint8Array(16).fill(CANARY);
  expect(() => rng.getRng(undefined, value)).toThrow(status);
  return [...value];
}

const UNTOUCHED = Array(16).fill(CANARY);

describe('a device that answers without a byte (virtio §5.4.6.2)', () => {
  test('specification: is a device error, and the next request is none', () => {
    const answers = [6, 0, 16];
    const world = new RngWorld({
      rng: { entropy: counting() },
      transport: { usedElement: ({ id }) => ({ id, length: answers.shift() ?? 0 }) },
    });
    const rng = world.open();
    const before = world.freePages();
    expect(refused(rng, /EFI_DEVICE_ERROR.*the device answered without a byte/)).toEqual(UNTOUCHED);
    const value = new Uint8Array(16);
    rng.getRng(undefined, value);
    expect(value).toEqual(counted(16, 26));
    expect(world.freePages()).toBe(before);
  });

  test('edk2: is asked for ever, until the budget of the lab ends it', () => {
    const world = new RngWorld({ profile: 'edk2', rng: empty });
    const rng = world.open();
    const value = new Uint8Array(16).fill(CANARY);
    expect(ending(() => rng.getRng(undefined, value))).toBe('budget-spent');
    expect([...value]).toEqual(UNTOUCHED);
    expect(world.device.requests.length).toBeGreaterThan(1000);
  });

  test('edk2 without that one quirk: is a device error', () => {
    const quirks = { 'VirtioRngDxe.EmptyAnswersRepeated': false };
    const rng = new RngWorld({ profile: 'edk2', quirks, rng: empty }).open();
    expect(refused(rng, 'EFI_DEVICE_ERROR')).toEqual(UNTOUCHED);
  });
});

describe('a device that says it wrote more than there was room for (§2.7.8.2)', () => {
  const transport = { usedElement: ({ id }: { id: number }) => ({ id, length: 17 }) };

  test('specification: is a device error, and is stopped', () => {
    const world = new RngWorld({ transport });
    const rng = world.open();
    const accesses = world.during(() => {
      const error = /EFI_DEVICE_ERROR.*used length 17, but 16 bytes were writable/;
      expect(refused(rng, error)).toEqual(UNTOUCHED);
    });
    expect(accesses).toContain('W8 common+14 = 00');
    expect(refused(rng, /EFI_DEVICE_ERROR.*the device was stopped/)).toEqual(UNTOUCHED);
  });

  test('edk2: is believed', () => {
    const rng = new RngWorld({ profile: 'edk2', transport }).open();
    const value = new Uint8Array(16);
    rng.getRng(undefined, value);
    expect(value).toEqual(counted(16));
  });
});

describe('a device that gives back what it was not given (§2.7.8)', () => {
  const transport = { usedElement: () => ({ id: 5, length: 16 }) };

  test('specification: is a device error, and works again once it is connected anew', () => {
    let lies = true;
    const world = new RngWorld({
      transport: { usedElement: (element) => (lies ? { id: 5, length: 16 } : element) },
    });
    const rng = world.open();
    expect(refused(rng, /EFI_DEVICE_ERROR.*used id 5, but 0 was submitted/)).toEqual(UNTOUCHED);
    world.bs.disconnectController(world.only(RngProtocol));
    lies = false;
    const value = new Uint8Array(4);
    world.open().getRng(undefined, value);
    expect(value).toEqual(counted(4, 16));
  });

  test('edk2: is believed', () => {
    const rng = new RngWorld({ profile: 'edk2', transport }).open();
    expect(() => rng.getRng(undefined, new Uint8Array(16))).not.toThrow();
  });
});

describe.each(PROFILES)('a device that no driver could use, %s', (profile) => {
  test('has no queue: it is refused, and leaves nothing behind', () => {
    const world = new RngWorld({ profile, rng: { queueSize: 0 } });
    world.connectRoot(false);
    world.binding('Virtio10Dxe').start(world.function);
    const before = world.freePages();
    const accesses = world.during(() => {
      expect(() => world.binding('VirtioRngDxe').start(world.function)).toThrow(
        /EFI_UNSUPPORTED.*virtqueue 0 has 0 descriptors/,
      );
    });
    expect(accesses.at(-1)).toBe('W8 common+14 = 8b');
    expect(world.freePages()).toBe(before);
    expect(world.has(RngProtocol)).toBe(false);
  });

  test('a queue of one descriptor is enough', () => {
    const value = new Uint8Array(16);
    const rng = { entropy: counting(), queueSize: 1, bytesPerAnswer: 5 };
    new RngWorld({ profile, rng }).open().getRng(undefined, value);
    expect(value).toEqual(counted(16));
  });

  test('one that never answers ends with the budget', () => {
    const rng = new RngWorld({ profile, rng: { latency: 1e12 } }).open();
    expect(ending(() => rng.getRng(undefined, new Uint8Array(1)))).toBe('budget-spent');
  });
});

/** How the world ends. */
function ending(body: () => void): string | undefined {
  try {
    body();
  } catch (caught) {
    if (isTerminalSignal(caught)) return caught.kind;
    throw caught;
  }
  return undefined;
}
