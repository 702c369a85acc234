import { describe, expect, test } from 'vitest';
import { readStandInPlace } from './stand-in.ts';

describe('which file a stand-in is for', () => {
  test.each([
    ['\\EFI\\BOOT\\BOOTX64.EFI', { device: '', file: '\\efi\\boot\\bootx64.efi' }],
    ['loader.efi', { device: '', file: '\\loader.efi' }],
    [
      'PciRoot(0)/Pci(2,0)/\\loader.efi',
      { device: 'PciRoot(0x0)/Pci(0x2,0x0)', file: '\\loader.efi' },
    ],
    ['PciRot(0)/\\loader.efi', { problem: "there is no device path node 'PciRot(0)'" }],
    ['\\', { problem: String.raw`expected the path of a file such as '\EFI\BOOT\BOOTX64.EFI'` }],
    ['', { problem: String.raw`expected the path of a file such as '\EFI\BOOT\BOOTX64.EFI'` }],
  ])('%j', (key, place) => {
    expect(readStandInPlace(key)).toEqual(place);
  });
});
