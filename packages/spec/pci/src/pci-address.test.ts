import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { pciAddress, pciAddressParts } from './pci-address.ts';

test('EFI_PCI_ADDRESS: bus, device, function and register, a byte each (UEFI §14.2)', () => {
  expect(pciAddress(0x12, 0x1f, 7, 0x3c)).toBe(0x121f073c);
});

test('an extended register goes to the upper half, with 0 in the lowest byte', () => {
  expect(pciAddress(0xff, 2, 1, 0x104)).toBe(0x104_ff020100);
});

test('what was packed comes out again', () => {
  fc.assert(
    fc.property(
      fc.nat(255),
      fc.nat(31),
      fc.nat(7),
      fc.nat(0xfff),
      (bus, device, func, register) => {
        expect(pciAddressParts(pciAddress(bus, device, func, register))).toEqual({
          bus,
          device,
          function: func,
          register,
        });
      },
    ),
  );
});
