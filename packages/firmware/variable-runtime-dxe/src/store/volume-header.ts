import type { Guid } from '@dxelab/uefi';
import { guid, guidFromBytes, guidToBytes } from '@dxelab/uefi';
import type { FlashLayout } from './flash-layout.ts';
import { BLOCK_SIZE } from './flash-layout.ts';

// EFI_FIRMWARE_VOLUME_HEADER (PI Vol. 3 §3.2.1) and behind it VARIABLE_STORE_HEADER of EDK II
// (MdeModulePkg/Include/Guid/VariableFormat.h).

const SYSTEM_NV_DATA_FV: Guid = guid('fff12b8d-7696-4c8b-a985-2747075b4f50');
const AUTHENTICATED_VARIABLES: Guid = guid('aaf32c78-947b-439a-a180-2e144ec37792');
const FVH = 0x4856465f;
const FV_ATTRIBUTES = 0x0004feff;
const FV_REVISION = 2;
const FORMATTED = 0x5a;
const HEALTHY = 0xfe;

const FV_HEADER_LENGTH = 0x48;
const STORE_HEADER_LENGTH = 28;

/** Where the store begins: what a fault-tolerant write replaces begins here. */
export const STORE_OFFSET: number = FV_HEADER_LENGTH;
/** Where the first variable stands. */
export const FIRST_VARIABLE: number = FV_HEADER_LENGTH + STORE_HEADER_LENGTH;

/** The headers of an empty store. */
export function volumeHeader(layout: FlashLayout): Uint8Array {
  const bytes = new Uint8Array(FIRST_VARIABLE);
  const view = new DataView(bytes.buffer);
  bytes.set(guidToBytes(SYSTEM_NV_DATA_FV), 16);
  view.setBigUint64(32, BigInt(layout.size), true);
  view.setUint32(40, FVH, true);
  view.setUint32(44, FV_ATTRIBUTES, true);
  view.setUint16(48, FV_HEADER_LENGTH, true);
  view.setUint8(55, FV_REVISION);
  view.setUint32(56, layout.size / BLOCK_SIZE, true);
  view.setUint32(60, BLOCK_SIZE, true);
  view.setUint16(50, -sum16(view), true);
  bytes.set(guidToBytes(AUTHENTICATED_VARIABLES), FV_HEADER_LENGTH);
  view.setUint32(FV_HEADER_LENGTH + 16, layout.variablesSize - FV_HEADER_LENGTH, true);
  view.setUint8(FV_HEADER_LENGTH + 20, FORMATTED);
  view.setUint8(FV_HEADER_LENGTH + 21, HEALTHY);
  return bytes;
}

/** What is wrong with the headers of a store; `undefined` if nothing is. */
export function volumeHeaderProblem(bytes: Uint8Array, layout: FlashLayout): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(40, true) !== FVH) return 'there is no firmware volume';
  if (guidFromBytes(bytes, 16) !== SYSTEM_NV_DATA_FV) return 'the volume is not for variables';
  if (view.getBigUint64(32, true) !== BigInt(layout.size)) return 'the volume has another size';
  if (view.getUint16(48, true) !== FV_HEADER_LENGTH) return 'its header has another length';
  if (sum16(view) !== 0) return 'the checksum of its header is wrong';
  if (guidFromBytes(bytes, FV_HEADER_LENGTH) !== AUTHENTICATED_VARIABLES) {
    return 'its variables are not in the format of authenticated variables';
  }
  const size = view.getUint32(FV_HEADER_LENGTH + 16, true);
  if (size !== layout.variablesSize - FV_HEADER_LENGTH) return `its store has ${size} bytes`;
  const isHealthy =
    view.getUint8(FV_HEADER_LENGTH + 20) === FORMATTED &&
    view.getUint8(FV_HEADER_LENGTH + 21) === HEALTHY;
  return isHealthy ? undefined : 'its store is not healthy';
}

/** The sum of the header's words, of which the checksum makes 0. */
function sum16(view: DataView): number {
  let sum = 0;
  for (let offset = 0; offset < FV_HEADER_LENGTH; offset += 2) sum += view.getUint16(offset, true);
  return sum & 0xffff;
}
