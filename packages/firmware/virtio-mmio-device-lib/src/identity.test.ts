import type { AddressSpace } from '@dxelab/platform';
import { Quirks } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { readMmioIdentity } from './identity.ts';
import { virtioMmioQuirks } from './quirks.ts';
import { MmioRegisters } from './registers.ts';

const BASE = 0x0a00_3e00;
const MAGIC = 0x7472_6976;

/** Three registers, by address; whoever reaches for more is told so. */
function registersWith(magic: number, version: number, deviceId: number) {
  const order: string[] = [];
  const values = new Map([
    [BASE, magic],
    [BASE + 4, version],
    [BASE + 8, deviceId],
  ]);
  const refuse = (address: number): never => {
    throw new TypeError(`an access at 0x${address.toString(16)}`);
  };
  const mmio: AddressSpace = {
    read8: refuse,
    read16: refuse,
    read32: (address) => {
      order.push((address - BASE).toString(16));
      return values.get(address) ?? refuse(address);
    },
    read64: refuse,
    write8: refuse,
    write16: refuse,
    write32: refuse,
    write64: refuse,
  };
  return { order, registers: new MmioRegisters(mmio, BASE) };
}

const SPECIFICATION = virtioMmioQuirks(new Quirks('specification'));
const EDK2 = virtioMmioQuirks(new Quirks('edk2'));

describe.each([
  ['specification', SPECIFICATION],
  ['edk2', EDK2],
] as const)('who stands at an address (virtio §4.2.2), %s', (_name, quirks) => {
  test.each([
    [1, true],
    [2, false],
  ])('version %d: legacy %s', (version, legacy) => {
    const { registers } = registersWith(MAGIC, version, 2);
    expect(readMmioIdentity(registers, quirks)).toEqual({ legacy, deviceType: 2 });
  });

  test.each([
    ['another magic value', 0x7672_6974, 2],
    ['no magic value', 0, 2],
    ['nobody', 0xffff_ffff, 0xffff_ffff],
    ['version 0', MAGIC, 0],
    ['version 3', MAGIC, 3],
  ])('%s: EFI_UNSUPPORTED', (_what, magic, version) => {
    const { registers } = registersWith(magic, version, 2);
    expect(() => readMmioIdentity(registers, quirks)).toThrow('EFI_UNSUPPORTED');
  });
});

describe('where the profiles differ', () => {
  test('specification: the magic value comes first, then the version (§4.2.3.1.1)', () => {
    const { order, registers } = registersWith(MAGIC, 2, 2);
    readMmioIdentity(registers, SPECIFICATION);
    expect(order).toEqual(['0', '4', '8']);
  });

  test('specification: behind a wrong one nothing more is read', () => {
    const magic = registersWith(0, 2, 2);
    expect(() => readMmioIdentity(magic.registers, SPECIFICATION)).toThrow('not 0x0');
    const version = registersWith(MAGIC, 3, 2);
    expect(() => readMmioIdentity(version.registers, SPECIFICATION)).toThrow('not 3');
    expect([magic.order, version.order]).toEqual([['0'], ['0', '4']]);
  });

  test('QUIRK VirtioMmioDeviceLib.DeviceIdFirst: DeviceID comes before both', () => {
    const { order, registers } = registersWith(MAGIC, 2, 2);
    readMmioIdentity(registers, EDK2);
    expect(order).toEqual(['8', '0', '4']);
  });

  test('specification: DeviceID 0 is a placeholder: EFI_NOT_FOUND (§4.2.2)', () => {
    const { registers } = registersWith(MAGIC, 2, 0);
    expect(() => readMmioIdentity(registers, SPECIFICATION)).toThrow('EFI_NOT_FOUND');
  });

  test('QUIRK VirtioMmioDeviceLib.PlaceholderInstalled: it is a device of type 0', () => {
    const { registers } = registersWith(MAGIC, 2, 0);
    expect(readMmioIdentity(registers, EDK2)).toEqual({ legacy: false, deviceType: 0 });
  });
});
