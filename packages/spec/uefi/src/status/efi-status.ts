/** The error codes of UEFI Appendix D: with the top bit of a UINTN set they are an EFI_STATUS. */
const ERROR_CODES = {
  EFI_LOAD_ERROR: 1,
  EFI_INVALID_PARAMETER: 2,
  EFI_UNSUPPORTED: 3,
  EFI_BAD_BUFFER_SIZE: 4,
  EFI_BUFFER_TOO_SMALL: 5,
  EFI_NOT_READY: 6,
  EFI_DEVICE_ERROR: 7,
  EFI_WRITE_PROTECTED: 8,
  EFI_OUT_OF_RESOURCES: 9,
  EFI_VOLUME_CORRUPTED: 10,
  EFI_VOLUME_FULL: 11,
  EFI_NO_MEDIA: 12,
  EFI_MEDIA_CHANGED: 13,
  EFI_NOT_FOUND: 14,
  EFI_ACCESS_DENIED: 15,
  EFI_NO_RESPONSE: 16,
  EFI_NO_MAPPING: 17,
  EFI_TIMEOUT: 18,
  EFI_NOT_STARTED: 19,
  EFI_ALREADY_STARTED: 20,
  EFI_ABORTED: 21,
  EFI_ICMP_ERROR: 22,
  EFI_TFTP_ERROR: 23,
  EFI_PROTOCOL_ERROR: 24,
  EFI_INCOMPATIBLE_VERSION: 25,
  EFI_SECURITY_VIOLATION: 26,
  EFI_CRC_ERROR: 27,
  EFI_END_OF_MEDIA: 28,
  EFI_END_OF_FILE: 31,
  EFI_INVALID_LANGUAGE: 32,
  EFI_COMPROMISED_DATA: 33,
  EFI_IP_ADDRESS_CONFLICT: 34,
  EFI_HTTP_ERROR: 35,
} as const;

/** The error codes of the PI specification: with the two top bits of these set they are an EFI_STATUS. */
const DXE_ERROR_CODES = {
  EFI_REQUEST_UNLOAD_IMAGE: 1,
  EFI_NOT_AVAILABLE_YET: 2,
} as const;

/** The warning codes of UEFI Appendix D: success, with something to say. */
const WARNING_CODES = {
  EFI_WARN_UNKNOWN_GLYPH: 1,
  EFI_WARN_DELETE_FAILURE: 2,
  EFI_WARN_WRITE_FAILURE: 3,
  EFI_WARN_BUFFER_TOO_SMALL: 4,
  EFI_WARN_STALE_DATA: 5,
  EFI_WARN_FILE_SYSTEM: 6,
  EFI_WARN_RESET_REQUIRED: 7,
} as const;

/** The errors of PI Vol. 1, by their names. MdePkg/Include/Pi/PiMultiPhase.h. */
type DxeErrorWord = keyof typeof DXE_ERROR_CODES;
/** The errors of UEFI Appendix D, and of PI, by their names. */
export type EfiErrorWord = keyof typeof ERROR_CODES | DxeErrorWord;
/** Every error word, in the order of the numbers. */
export const EFI_ERROR_WORDS: readonly EfiErrorWord[] = [
  ...Object.keys(ERROR_CODES),
  ...Object.keys(DXE_ERROR_CODES),
].filter(isErrorWord);
/** The warnings of UEFI Appendix D, by their names. */
export type EfiWarningWord = keyof typeof WARNING_CODES;
/** A status number that no specification has given a word. */
export type EfiUnnamedStatus = `0x${string}`;

/** What can be thrown: an error word, or the hexadecimal text of a number without one. */
export type EfiErrorStatus = EfiErrorWord | EfiUnnamedStatus;

/**
 * An EFI_STATUS as the specification's own word, so that a trace, a test and a debugger show the same
 * thing. UEFI Appendix D; MdePkg/Include/Uefi/UefiBaseType.h.
 */
export type EfiStatus = 'EFI_SUCCESS' | EfiWarningWord | EfiErrorStatus;

/** The width of UINTN on the machine whose status numbers are meant. */
export type UintnBits = 32 | 64;

const topBit = (bits: UintnBits): bigint => 1n << BigInt(bits - 1);
/** What tells an error of PI from one of UEFI: two bits below the top. */
const dxeBit = (bits: UintnBits): bigint => topBit(bits) >> 2n;
const errorWords = new Map<bigint, EfiErrorWord>();
const dxeErrorWords = new Map<bigint, EfiErrorWord>();
const warningWords = new Map<bigint, EfiWarningWord>();
for (const word of EFI_ERROR_WORDS) {
  if (isDxeErrorWord(word)) dxeErrorWords.set(BigInt(DXE_ERROR_CODES[word]), word);
  else errorWords.set(BigInt(ERROR_CODES[word]), word);
}
for (const word of Object.keys(WARNING_CODES)) {
  if (isWarningWord(word)) warningWords.set(BigInt(WARNING_CODES[word]), word);
}

function isErrorWord(status: string): status is EfiErrorWord {
  return Object.hasOwn(ERROR_CODES, status) || isDxeErrorWord(status);
}

function isDxeErrorWord(status: string): status is DxeErrorWord {
  return Object.hasOwn(DXE_ERROR_CODES, status);
}

function isWarningWord(status: string): status is EfiWarningWord {
  return Object.hasOwn(WARNING_CODES, status);
}

/** EFI_ERROR(): whether a status is an error, and not success or a warning. */
export function isEfiError(status: EfiStatus, bits: UintnBits = 64): status is EfiErrorStatus {
  if (status.startsWith('0x')) return (BigInt(status) & topBit(bits)) !== 0n;
  return isErrorWord(status);
}

/** The number of a status on a machine whose UINTN has `bits` bits. */
export function efiStatusToNumber(status: EfiStatus, bits: UintnBits = 64): bigint {
  if (status === 'EFI_SUCCESS') return 0n;
  if (isWarningWord(status)) return BigInt(WARNING_CODES[status]);
  if (isDxeErrorWord(status)) {
    return topBit(bits) | dxeBit(bits) | BigInt(DXE_ERROR_CODES[status]);
  }
  if (isErrorWord(status)) return topBit(bits) | BigInt(ERROR_CODES[status]);
  return BigInt.asUintN(bits, BigInt(status));
}

/** The word of a status number; a number without a word comes back as its hexadecimal text. */
export function efiStatusFromNumber(value: bigint, bits: UintnBits = 64): EfiStatus {
  const number = BigInt.asUintN(bits, value);
  if (number === 0n) return 'EFI_SUCCESS';
  return wordOf(number, bits) ?? `0x${number.toString(16)}`;
}

function wordOf(number: bigint, bits: UintnBits): EfiStatus | undefined {
  if ((number & topBit(bits)) === 0n) return warningWords.get(number);
  const code = number ^ topBit(bits);
  return errorWords.get(code) ?? dxeErrorWords.get(code ^ dxeBit(bits));
}
