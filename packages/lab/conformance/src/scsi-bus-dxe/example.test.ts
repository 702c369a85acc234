import { expect, test } from 'vitest';
import { found } from './example.fixture.ts';

test('the example of the README finds what it says', () => {
  expect(found).toEqual([
    'PciRoot(0x0)/Pci(0x2,0x0)/Scsi(0x1,0x12c) is of type 0',
    'PciRoot(0x0)/Pci(0x2,0x0)/Scsi(0x2,0x0) is of type 5',
  ]);
});
