import type { Guid } from '@dxelab/uefi';
import { EfiError, guid, guidFromBytes } from '@dxelab/uefi';

/** EFI_CERT_TYPE_PKCS7_GUID: the one kind of signature that authenticates a write (UEFI §8.2.2). */
const EFI_CERT_TYPE_PKCS7_GUID: Guid = guid('4aafd29d-68df-49ee-8aa9-347d375665a7');
const WIN_CERT_TYPE_EFI_GUID = 0x0ef1;
const TIME_LENGTH = 16;
/** WIN_CERTIFICATE_UEFI_GUID without its data. */
const CERTIFICATE_LENGTH = 24;

/** EFI_VARIABLE_AUTHENTICATION_2 and what it authenticates (UEFI §8.2.2). */
export interface AuthenticatedWrite {
  /** EFI_TIME, 16 bytes. */
  readonly timeStamp: Uint8Array;
  /** The PKCS #7 SignedData. */
  readonly signature: Uint8Array;
  /** What the variable is to hold. */
  readonly data: Uint8Array;
}

/**
 * Takes the descriptor from the data of an authenticated write.
 * @throws EFI_SECURITY_VIOLATION if it is not what the specification asks for
 */
export function readAuthenticatedWrite(bytes: Uint8Array): AuthenticatedWrite {
  if (bytes.length < TIME_LENGTH + CERTIFICATE_LENGTH) {
    throw violation(`expected EFI_VARIABLE_AUTHENTICATION_2, found ${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.getUint32(TIME_LENGTH, true);
  if (length < CERTIFICATE_LENGTH || length > bytes.length - TIME_LENGTH) {
    throw violation(`the certificate has a length of ${length}`);
  }
  const type = view.getUint16(TIME_LENGTH + 6, true);
  const certificate = guidFromBytes(bytes, TIME_LENGTH + 8);
  if (type !== WIN_CERT_TYPE_EFI_GUID || certificate !== EFI_CERT_TYPE_PKCS7_GUID) {
    throw violation(`the certificate is of type 0x${type.toString(16)}, ${certificate}`);
  }
  // Pad1, Nanosecond, TimeZone, Daylight and Pad2 shall be 0.
  if (bytes[7] !== 0 || bytes.subarray(8, TIME_LENGTH).some((byte) => byte !== 0)) {
    throw violation('the time stamp is not exact to the second, in UTC');
  }
  return {
    timeStamp: bytes.slice(0, TIME_LENGTH),
    signature: bytes.slice(TIME_LENGTH + CERTIFICATE_LENGTH, TIME_LENGTH + length),
    data: bytes.slice(TIME_LENGTH + length),
  };
}

/** Whether one time stamp is later than another, both as EFI_TIME with what shall be 0 being 0. */
export function isLater(left: Uint8Array, right: Uint8Array): boolean {
  return secondsOf(left) > secondsOf(right);
}

/** Grows with time; no calendar is needed to compare. */
function secondsOf(time: Uint8Array): number {
  const [yearLow = 0, yearHigh = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = time;
  const days = ((yearHigh * 256 + yearLow) * 16 + month) * 32 + day;
  return ((days * 32 + hour) * 64 + minute) * 64 + second;
}

function violation(why: string): EfiError {
  return new EfiError('EFI_SECURITY_VIOLATION', why);
}
