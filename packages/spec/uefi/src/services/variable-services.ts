import type { Guid } from '../guid.ts';

/** Attributes of a variable (UEFI §8.2.1). */
export const EFI_VARIABLE_NON_VOLATILE = 0x01;
export const EFI_VARIABLE_BOOTSERVICE_ACCESS = 0x02;
export const EFI_VARIABLE_RUNTIME_ACCESS = 0x04;
export const EFI_VARIABLE_HARDWARE_ERROR_RECORD = 0x08;
/** Deprecated: no variable has it any more. */
export const EFI_VARIABLE_AUTHENTICATED_WRITE_ACCESS = 0x10;
export const EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS = 0x20;
export const EFI_VARIABLE_APPEND_WRITE = 0x40;
export const EFI_VARIABLE_ENHANCED_AUTHENTICATED_ACCESS = 0x80;

/** What a variable is found by: its name is unique under its vendor. */
export interface EfiVariableName {
  readonly name: string;
  readonly vendor: Guid;
}

/** What GetVariable delivers (UEFI §8.2.1). */
export interface EfiVariable {
  /** EFI_VARIABLE_*, without APPEND_WRITE. */
  readonly attributes: number;
  readonly data: Uint8Array;
}

/** What QueryVariableInfo delivers (UEFI §8.2.4), each in bytes. */
export interface EfiVariableInfo {
  readonly maximumVariableStorageSize: number;
  readonly remainingVariableStorageSize: number;
  readonly maximumVariableSize: number;
}

/** Variable services (UEFI §8.2). */
export interface EfiVariableServices {
  /** @throws EFI_NOT_FOUND, EFI_INVALID_PARAMETER, EFI_DEVICE_ERROR, EFI_SECURITY_VIOLATION, EFI_UNSUPPORTED */
  getVariable(name: string, vendor: Guid): EfiVariable;

  /**
   * The variable after `previous`, or the first one; `undefined` (EFI_NOT_FOUND) after the last.
   * @throws EFI_INVALID_PARAMETER if `previous` does not exist, EFI_DEVICE_ERROR, EFI_UNSUPPORTED
   */
  getNextVariableName(previous: EfiVariableName | undefined): EfiVariableName | undefined;

  /**
   * Creates, changes, appends to, or, without data or without access attributes, deletes.
   * @param attributes EFI_VARIABLE_*
   * @throws EFI_INVALID_PARAMETER, EFI_NOT_FOUND, EFI_OUT_OF_RESOURCES, EFI_DEVICE_ERROR,
   *   EFI_WRITE_PROTECTED, EFI_SECURITY_VIOLATION, EFI_UNSUPPORTED
   */
  setVariable(name: string, vendor: Guid, attributes: number, data: Uint8Array): void;

  /** @throws EFI_UNSUPPORTED, EFI_INVALID_PARAMETER */
  queryVariableInfo(attributes: number): EfiVariableInfo;
}
