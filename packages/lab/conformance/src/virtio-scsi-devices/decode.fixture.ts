import {
  readBlockDeviceCharacteristics,
  readBlockLimits,
  readDeviceIdentification,
  readInquiry,
  readLogicalBlockProvisioning,
  readModeParameters,
  readReadCapacity10,
  readReadCapacity16,
  readReportLuns,
  readScsiSense,
  readVpdPage,
  SCSI_CODE_SET_ASCII,
  SCSI_MODE_HEADER_10_SIZE,
  SCSI_MODE_HEADER_6_SIZE,
  SCSI_STATUS_CHECK_CONDITION,
  SCSI_STATUS_GOOD,
  SCSI_VPD_BLOCK_DEVICE_CHARACTERISTICS,
  SCSI_VPD_BLOCK_LIMITS,
  SCSI_VPD_DEVICE_IDENTIFICATION,
  SCSI_VPD_LOGICAL_BLOCK_PROVISIONING,
  SCSI_VPD_SUPPORTED_PAGES,
  SCSI_VPD_UNIT_SERIAL_NUMBER,
} from '@dxelab/scsi';
import type { Completion } from './initiator.fixture.ts';

/** What an answer says, name by name, so that two can be laid side by side. */
export type Decoded = Readonly<Record<string, string>>;

export type Decoder = (data: Uint8Array) => Decoded;

/** How a command ended, and what its data say. Data that came with an error say nothing. */
export function decode(completion: Completion, decoder: Decoder): Decoded {
  const { efi, hostAdapterStatus, targetStatus, data, sense } = completion;
  if (efi !== 'EFI_SUCCESS') return { efi, hostAdapter: hexadecimal(hostAdapterStatus) };
  if (targetStatus === SCSI_STATUS_GOOD) return { status: 'GOOD', ...decoder(data) };
  if (targetStatus !== SCSI_STATUS_CHECK_CONDITION) return { status: hexadecimal(targetStatus) };
  const read = readScsiSense(sense);
  return {
    status: 'CHECK CONDITION',
    sense: `${hexadecimal(read?.key)} ${hexadecimal(read?.code)}`,
  };
}

export const nothing: Decoder = () => ({});

export const raw =
  (length: number): Decoder =>
  (data) => ({ data: hex(data.subarray(0, length)) });

export const inquiry: Decoder = (data) => ({
  ...fields(readInquiry(data)),
  flags: hex(data.subarray(5, 8)),
});

export const modeParameters =
  (headerSize: 4 | 8): Decoder =>
  (data) => {
    const read = readModeParameters(
      data,
      headerSize === 4 ? SCSI_MODE_HEADER_6_SIZE : SCSI_MODE_HEADER_10_SIZE,
    );
    if (read === undefined) return { header: 'cut' };
    const { mediumType, deviceSpecific, blockDescriptor, pages } = read;
    return {
      mediumType: hexadecimal(mediumType),
      deviceSpecific: hexadecimal(deviceSpecific),
      blockDescriptor: JSON.stringify(blockDescriptor),
      ...Object.fromEntries(
        pages.map(({ pageCode, data: page }) => [`page ${hexadecimal(pageCode)}`, hex(page)]),
      ),
    };
  };

export const capacity10: Decoder = (data) => fields(readReadCapacity10(data));
export const capacity16: Decoder = (data) => fields(readReadCapacity16(data));
export const reportLuns: Decoder = (data) => fields(readReportLuns(data));

/** What stands behind the header of a VPD page. */
const PAGES: Readonly<Record<number, Decoder>> = {
  [SCSI_VPD_SUPPORTED_PAGES]: (data) => ({ pages: hex(data) }),
  [SCSI_VPD_UNIT_SERIAL_NUMBER]: (data) => ({ serial: JSON.stringify(ascii(data)) }),
  [SCSI_VPD_DEVICE_IDENTIFICATION]: (data) =>
    Object.fromEntries(
      readDeviceIdentification(data).map(({ codeSet, association, type, designator }) => [
        `designator of type ${type}`,
        `${codeSet === SCSI_CODE_SET_ASCII ? JSON.stringify(ascii(designator)) : hex(designator)} of ${association}`,
      ]),
    ),
  [SCSI_VPD_BLOCK_LIMITS]: (data) => fields(readBlockLimits(data)),
  [SCSI_VPD_BLOCK_DEVICE_CHARACTERISTICS]: (data) => fields(readBlockDeviceCharacteristics(data)),
  [SCSI_VPD_LOGICAL_BLOCK_PROVISIONING]: (data) => fields(readLogicalBlockProvisioning(data)),
};

export const vpd: Decoder = (bytes) => {
  const page = readVpdPage(bytes);
  if (page === undefined) return { header: 'cut' };
  const { deviceType, pageCode, data } = page;
  return {
    deviceType: String(deviceType),
    pageCode: hexadecimal(pageCode),
    ...PAGES[pageCode]?.(data),
  };
};

function fields(read: object | undefined): Decoded {
  if (read === undefined) return { data: 'cut' };
  return Object.fromEntries(
    Object.entries(read).map(([name, value]) => [
      name,
      typeof value === 'bigint' ? String(value) : JSON.stringify(value),
    ]),
  );
}

function ascii(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function hexadecimal(value = 0): string {
  return value.toString(16).padStart(2, '0');
}
