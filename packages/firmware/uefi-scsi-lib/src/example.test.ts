import { inquiryData } from '@dxelab/scsi';
import type { EfiScsiIo, EfiScsiRequestPacket } from '@dxelab/uefi';
import { expect, test } from 'vitest';
import { vendorOf } from './example.fixture.ts';

/** A unit that answers INQUIRY, and ends it with this status. */
function unit(targetStatus: number): EfiScsiIo {
  const data = inquiryData({
    peripheralQualifier: 0,
    deviceType: 0,
    removable: false,
    version: 6,
    responseDataFormat: 2,
    hierarchicalLuns: false,
    commandQueuing: false,
    vendor: 'DXELAB',
    product: 'example',
    revision: '1',
  });
  return {
    ioAlign: 0,
    getDeviceType: () => 0,
    getDeviceLocation: () => ({ target: new Uint8Array(16), lun: 0 }),
    resetBus() {},
    resetDevice() {},
    executeScsiCommand(packet: EfiScsiRequestPacket) {
      if (packet.inDataBuffer instanceof Uint8Array) packet.inDataBuffer.set(data);
      packet.targetStatus = targetStatus;
    },
  };
}

test('the example of the README reads the vendor, of a unit that says GOOD', () => {
  expect(vendorOf(unit(0))).toBe('DXELAB');
  expect(vendorOf(unit(2))).toBeUndefined();
});
