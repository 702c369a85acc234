import { convertDeviceNodeToText } from '@dxelab/uefi';
import { expect, test } from 'vitest';
import { virtioMmioNode } from './virtio-mmio-path.ts';

test('a device at 0x0A003E00 on MMIO, as bytes and as EDK II writes it', () => {
  const node = virtioMmioNode(0x0a003e00);
  expect(Buffer.from(node).toString('hex')).toBe(
    '01041c009eca7d8374e8824db29a23fe0e23d1e2003e000a00000000',
  );
  expect(convertDeviceNodeToText(node, { edk2: true })).toBe(
    'VenHw(837DCA9E-E874-4D82-B29A-23FE0E23D1E2,003E000A00000000)',
  );
});
