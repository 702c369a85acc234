import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as scsi from './index.ts';

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const padded = (size: number, ...values: readonly number[]): Uint8Array => {
  const data = new Uint8Array(size);
  data.set(values);
  return data;
};

describe('sense data (SPC-6)', () => {
  test('of fixed format: an unrecovered read error at block 0x12345678', () => {
    const data = padded(18, 0xf0, 0, 0x03, 0x12, 0x34, 0x56, 0x78, 10, 0, 0, 0, 0, 0x11, 0x00);
    expect(scsi.fixedScsiSense(3, 0x1100, 0x12345678)).toEqual(data);
    const sense = scsi.readScsiSense(data);
    expect(sense).toEqual({ key: 3, code: 0x1100, deferred: false, information: 0x12345678 });
    expect(sense && scsi.scsiSenseText(sense)).toBe(
      'MEDIUM ERROR, UNRECOVERED READ ERROR (3/11/00), information 305419896',
    );
  });

  test('of descriptor format: the same at a block beyond 32 bits', () => {
    const data = padded(20, 0x72, 0x03, 0x11, 0x00, 0, 0, 0, 12, 0, 10, 0x80, 0, 0, 0, 0, 1);
    expect(scsi.descriptorScsiSense(3, 0x1100, 2 ** 32)).toEqual(data);
    expect(scsi.readScsiSense(data)).toEqual({
      key: 3,
      code: 0x1100,
      deferred: false,
      information: 2 ** 32,
    });
    // The fixed format has no room for it, and says nothing rather than something else.
    expect(scsi.readScsiSense(scsi.fixedScsiSense(3, 0x1100, 2 ** 32))?.information).toBe(
      undefined,
    );
  });

  test('deferred, with a code that is nobody’s', () => {
    const sense = scsi.readScsiSense(
      padded(18, 0x71, 0, 0x04, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x80, 1),
    );
    expect(sense && scsi.scsiSenseText(sense)).toBe('HARDWARE ERROR (4/80/01), deferred');
  });

  test.each([[[]], [[0x00]], [[0x7f, 1]]])('%j is none', (data) => {
    expect(scsi.readScsiSense(Uint8Array.from(data))).toBe(undefined);
  });
});

describe('INQUIRY data (SPC-6)', () => {
  const inquiry: scsi.ScsiInquiry = {
    peripheralQualifier: 0,
    deviceType: scsi.SCSI_TYPE_CDROM,
    removable: true,
    version: scsi.SCSI_VERSION_SPC_3,
    responseDataFormat: 2,
    hierarchicalLuns: true,
    commandQueuing: true,
    vendor: 'QEMU',
    product: 'QEMU CD-ROM',
    revision: '2.5+',
  };

  test('have their fields where the standard puts them', () => {
    const text = new TextEncoder().encode('QEMU    QEMU CD-ROM     2.5+');
    expect(scsi.inquiryData(inquiry)).toEqual(bytes(5, 0x80, 5, 0x12, 31, 0, 0, 2, ...text));
    expect(scsi.readInquiry(scsi.inquiryData(inquiry))).toEqual(inquiry);
  });

  test('are undefined if they are cut', () => {
    expect(scsi.readInquiry(scsi.inquiryData(inquiry).subarray(0, 35))).toBe(undefined);
  });

  test('show what is no ASCII as dots', () => {
    const data = scsi.inquiryData(inquiry);
    data.set([0x07, 0xff, 0, 0], 8);
    expect(scsi.readInquiry(data)?.vendor).toBe('..');
  });
});

describe('VPD pages (SPC-6, SBC-4)', () => {
  test('have a header of 4 bytes, and are read as far as they came', () => {
    const page = bytes(0x00, 0x80, 0, 4, 0x41, 0x42, 0x43, 0x44);
    expect(
      scsi.vpdPage({ deviceType: 0, pageCode: 0x80, data: scsi.unitSerialNumberData('ABCD') }),
    ).toEqual(page);
    expect(scsi.readUnitSerialNumber(scsi.readVpdPage(page)?.data ?? bytes())).toBe('ABCD');
    expect(scsi.readUnitSerialNumber(scsi.unitSerialNumberData(''))).toBe('');
    expect(scsi.readVpdPage(page.subarray(0, 6))?.data).toHaveLength(2);
    expect(scsi.readVpdPage(page.subarray(0, 3))).toBe(undefined);
  });

  test('device identification: designators one after the other; one that is cut is left out', () => {
    const data = bytes(2, 0x00, 0, 2, 0x68, 0x64, 1, 0x03, 0, 8, 0x50, 0, 0, 0, 0, 0, 0, 1);
    const designators = [
      { codeSet: 2, association: 0, type: 0, designator: bytes(0x68, 0x64) },
      { codeSet: 1, association: 0, type: 3, designator: bytes(0x50, 0, 0, 0, 0, 0, 0, 1) },
    ];
    expect(scsi.readDeviceIdentification(data)).toEqual(designators);
    expect(scsi.deviceIdentificationData(designators)).toEqual(data);
    expect(scsi.readDeviceIdentification(data.subarray(0, 17))).toHaveLength(1);
  });

  test('block limits', () => {
    const limits: scsi.ScsiBlockLimits = {
      writeSameNonZero: true,
      optimalTransferLengthGranularity: 8,
      maximumTransferLength: 0x3fffff,
      optimalTransferLength: 0x80,
      maximumUnmapLbaCount: 0x200000,
      maximumUnmapBlockDescriptorCount: 255,
      optimalUnmapGranularity: 8,
      maximumWriteSameLength: 0x1_0000_0000,
    };
    const data = scsi.blockLimitsData(limits);
    expect(data).toHaveLength(0x3c);
    // Counted with the header of 4 bytes, as the standard does.
    const page = padded(64, ...bytes(0, 0xb0, 0, 0x3c), ...data);
    expect([...page.subarray(4, 16)]).toEqual([1, 0, 0, 8, 0, 0x3f, 0xff, 0xff, 0, 0, 0, 0x80]);
    expect([...page.subarray(20, 32)]).toEqual([0, 0x20, 0, 0, 0, 0, 0, 255, 0, 0, 0, 8]);
    expect([...page.subarray(36, 44)]).toEqual([0, 0, 0, 1, 0, 0, 0, 0]);
    expect(scsi.readBlockLimits(data)).toEqual(limits);
    expect(scsi.readBlockLimits(bytes()).maximumTransferLength).toBe(0);
  });

  test('block device characteristics, and logical block provisioning', () => {
    const turning = scsi.blockDeviceCharacteristicsData({ rotationRate: 7200 });
    expect([turning.length, turning[0], turning[1]]).toEqual([0x3c, 0x1c, 0x20]);
    expect(scsi.readBlockDeviceCharacteristics(turning)).toEqual({ rotationRate: 7200 });
    const provisioning = {
      unmap: true,
      writeSame16: true,
      writeSame10: true,
      readZeros: false,
      provisioningType: scsi.SCSI_PROVISIONING_THIN,
    };
    expect(scsi.logicalBlockProvisioningData(provisioning)).toEqual(bytes(0, 0xe0, 2, 0));
    expect(scsi.readLogicalBlockProvisioning(bytes(0, 0xe0, 2, 0))).toEqual(provisioning);
  });
});

describe('READ CAPACITY data (SBC-4)', () => {
  test('of 8 bytes', () => {
    const data = bytes(0, 0, 0, 0x3f, 0, 0, 2, 0);
    expect(scsi.readCapacity10Data({ lastLba: 63, blockSize: 512 })).toEqual(data);
    expect(scsi.readReadCapacity10(data)).toEqual({ lastLba: 63, blockSize: 512 });
    expect(scsi.readReadCapacity10(data.subarray(1))).toBe(undefined);
  });

  test('of 32 bytes, of which 12 are enough', () => {
    const capacity = {
      lastLba: 0x1_0000_0002n,
      blockSize: 512,
      protection: false,
      physicalBlockExponent: 3,
      provisioningManaged: true,
      unmappedReadZeros: false,
      lowestAlignedLba: 7,
    };
    const data = padded(32, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 2, 0, 0, 3, 0x80, 7);
    expect(scsi.readCapacity16Data(capacity)).toEqual(data);
    expect(scsi.readReadCapacity16(data)).toEqual(capacity);
    expect(scsi.readReadCapacity16(data.subarray(0, 12))?.provisioningManaged).toBe(false);
    expect(scsi.readReadCapacity16(data.subarray(0, 11))).toBe(undefined);
  });
});

describe('mode parameters (SPC-6)', () => {
  const pages = bytes(0x08, 2, 4, 0, 0x8a, 2, 0, 0x10);

  test.each([
    [4, bytes(19, 0, 0x90, 8, 0, 0, 0, 64, 0, 0, 2, 0, ...pages)],
    [8, bytes(0, 22, 0, 0x90, 0, 0, 0, 8, 0, 0, 0, 64, 0, 0, 2, 0, ...pages)],
  ])('with a header of %i bytes', (headerSize, data) => {
    const descriptor = { blocks: 64, blockSize: 512 };
    const short = scsi.shortBlockDescriptor(descriptor);
    expect(scsi.modeParameterData(headerSize, 0x90, short, pages)).toEqual(data);
    expect(scsi.readModeParameters(data, headerSize)).toEqual({
      mediumType: 0,
      deviceSpecific: scsi.SCSI_MODE_WRITE_PROTECT | scsi.SCSI_MODE_DPOFUA,
      blockDescriptor: descriptor,
      pages: [
        { pageCode: 0x08, subpageCode: 0, savable: false, data: bytes(4, 0) },
        { pageCode: 0x0a, subpageCode: 0, savable: true, data: bytes(0, 0x10) },
      ],
    });
    expect(scsi.readModeParameters(data.subarray(0, -1), headerSize)?.pages).toHaveLength(1);
    expect(scsi.readModeParameters(data.subarray(0, headerSize - 1), headerSize)).toBe(undefined);
  });

  test('a long block descriptor has room for what a short one has not', () => {
    const descriptor = { blocks: 2 ** 40, blockSize: 4096 };
    const long = scsi.longBlockDescriptor(descriptor);
    expect(scsi.readBlockDescriptor(long)).toEqual(descriptor);
    expect(scsi.readBlockDescriptor(scsi.shortBlockDescriptor(descriptor))?.blocks).toBe(
      0xffff_ffff,
    );
    expect(scsi.modeParameterData(8, 0, long, bytes())[4]).toBe(1);
    expect(scsi.readBlockDescriptor(long.subarray(1))).toBe(undefined);
  });

  test('a page with a subpage has a header of 4 bytes', () => {
    expect(scsi.readModePages(bytes(0x4a, 1, 0, 2, 7, 8, 0x08))).toEqual([
      { pageCode: 0x0a, subpageCode: 1, savable: false, data: bytes(7, 8) },
    ]);
  });
});

describe('REPORT LUNS data (SPC-6, SAM-6)', () => {
  test('say LUNs up to 255 by peripheral addressing, and others by flat addressing', () => {
    const data = scsi.reportLunsData([0, 255, 256, 16383]);
    expect([...data.subarray(0, 8)]).toEqual([0, 0, 0, 32, 0, 0, 0, 0]);
    const addresses = [8, 16, 24, 32].map((at) => [data[at], data[at + 1]]);
    expect(addresses).toEqual([
      [0, 0],
      [0, 255],
      [0x41, 0],
      [0x7f, 0xff],
    ]);
    expect(scsi.readReportLuns(data)).toEqual({ listLength: 32, luns: [0, 255, 256, 16383] });
    expect(scsi.readReportLuns(data.subarray(0, 39)).luns).toEqual([0, 255, 256]);
  });

  test.each([
    ['another bus', [0x01, 0x05]],
    ['logical unit addressing', [0x80, 0x05]],
    ['a well-known unit', [0xc1, 0x01]],
    ['a second level', [0x00, 0x05, 0x00, 0x01]],
  ])('leave out %s', (_what, lun) => {
    expect(scsi.readScsiLun(padded(8, ...lun))).toBe(undefined);
  });
});

describe('names of commands', () => {
  test.each([
    [[0x28], 'READ (10)'],
    [[0x9e, 0x10], 'READ CAPACITY (16)'],
    [[0x9e, 0x12], 'SERVICE ACTION IN (16)'],
    [[0xc0], 'command 0xC0'],
  ])('%j is %s', (cdb, name) => {
    expect(scsi.scsiCommandName(Uint8Array.from(cdb))).toBe(name);
  });
});

test('no reader throws, whatever a device answers', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (data) => {
      const sense = scsi.readScsiSense(data);
      if (sense) scsi.scsiSenseText(sense);
      scsi.readInquiry(data);
      const page = scsi.readVpdPage(data)?.data ?? data;
      scsi.readDeviceIdentification(page);
      scsi.readUnitSerialNumber(page);
      scsi.readBlockLimits(page);
      scsi.readBlockDeviceCharacteristics(page);
      scsi.readLogicalBlockProvisioning(page);
      scsi.readReadCapacity10(data);
      scsi.readReadCapacity16(data);
      scsi.readModeParameters(data, 4);
      scsi.readModeParameters(data, 8);
      scsi.readReportLuns(data);
      expect(scsi.scsiCommandName(data)).not.toBe('');
    }),
    { numRuns: 2000 },
  );
});
