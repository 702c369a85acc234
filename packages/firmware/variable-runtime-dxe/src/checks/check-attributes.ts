import {
  EFI_VARIABLE_APPEND_WRITE,
  EFI_VARIABLE_AUTHENTICATED_WRITE_ACCESS,
  EFI_VARIABLE_BOOTSERVICE_ACCESS,
  EFI_VARIABLE_HARDWARE_ERROR_RECORD,
  EFI_VARIABLE_NON_VOLATILE,
  EFI_VARIABLE_RUNTIME_ACCESS,
  EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS,
  EfiError,
} from '@dxelab/uefi';

/** All that EDK II knows; EFI_VARIABLE_ENHANCED_AUTHENTICATED_ACCESS is not among them. */
const KNOWN =
  EFI_VARIABLE_NON_VOLATILE |
  EFI_VARIABLE_BOOTSERVICE_ACCESS |
  EFI_VARIABLE_RUNTIME_ACCESS |
  EFI_VARIABLE_HARDWARE_ERROR_RECORD |
  EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS |
  EFI_VARIABLE_APPEND_WRITE;
const ACCESS = EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS;

/** Whether a write with these attributes deletes what it names (UEFI §8.2.3). */
export function isDeletion(attributes: number, size: number): boolean {
  if ((attributes & ACCESS) === 0) return true;
  return size === 0 && (attributes & EFI_VARIABLE_APPEND_WRITE) === 0;
}

/**
 * The attributes of SetVariable, in the order of VariableServiceSetVariable (Variable.c).
 * @param authenticates whether authenticated writes are known at all
 * @throws EFI_INVALID_PARAMETER for what no variable can have, EFI_UNSUPPORTED for what none has any more
 */
export function checkSetAttributes(attributes: number, authenticates: boolean): void {
  const deprecated = (attributes & EFI_VARIABLE_AUTHENTICATED_WRITE_ACCESS) !== 0;
  const known = attributes & ~EFI_VARIABLE_AUTHENTICATED_WRITE_ACCESS;
  if ((known & ~KNOWN) !== 0) throw invalid(attributes, 'has reserved bits');
  if ((attributes & ACCESS) === EFI_VARIABLE_RUNTIME_ACCESS) {
    throw unsupportedIf(deprecated, attributes, 'gives runtime access without boot service access');
  }
  if (known === EFI_VARIABLE_NON_VOLATILE) {
    throw unsupportedIf(deprecated, attributes, 'gives no access');
  }
  const timeBased = (attributes & EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS) !== 0;
  if ((deprecated || timeBased) && !authenticates) {
    throw invalid(attributes, 'asks for authenticated writes');
  }
  if ((attributes & EFI_VARIABLE_HARDWARE_ERROR_RECORD) !== 0) {
    throw invalid(attributes, 'asks for a hardware error record, and there is no room for any');
  }
  if (deprecated) throw unsupportedIf(true, attributes, 'asks for what is deprecated');
}

/**
 * The attributes of QueryVariableInfo, in the order of VariableServiceQueryVariableInfo (Variable.c).
 * @throws EFI_INVALID_PARAMETER, EFI_UNSUPPORTED
 */
export function checkQueryAttributes(
  attributes: number,
  authenticates: boolean,
  atRuntime: boolean,
): void {
  if (attributes === 0) throw invalid(attributes, 'asks for nothing');
  if ((attributes & EFI_VARIABLE_AUTHENTICATED_WRITE_ACCESS) !== 0) {
    throw unsupportedIf(true, attributes, 'asks for what is deprecated');
  }
  const known = attributes & KNOWN;
  if (known === 0) throw unsupportedIf(true, attributes, 'has no known bit');
  if (known === EFI_VARIABLE_NON_VOLATILE) throw invalid(attributes, 'gives no access');
  if ((attributes & ACCESS) === EFI_VARIABLE_RUNTIME_ACCESS) {
    throw invalid(attributes, 'gives runtime access without boot service access');
  }
  if (atRuntime && (attributes & EFI_VARIABLE_RUNTIME_ACCESS) === 0) {
    throw invalid(attributes, 'gives no runtime access');
  }
  const isErrorRecord = (attributes & EFI_VARIABLE_HARDWARE_ERROR_RECORD) !== 0;
  if (isErrorRecord && (attributes & EFI_VARIABLE_NON_VOLATILE) === 0) {
    throw invalid(attributes, 'is of a hardware error record that does not last');
  }
  const timeBased = (attributes & EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS) !== 0;
  if (timeBased && !authenticates) {
    throw unsupportedIf(true, attributes, 'asks for authenticated writes');
  }
  if (isErrorRecord && !timeBased) {
    throw unsupportedIf(
      true,
      attributes,
      'is of a hardware error record, for which there is no room',
    );
  }
}

function invalid(attributes: number, why: string): EfiError {
  return unsupportedIf(false, attributes, why);
}

function unsupportedIf(unsupported: boolean, attributes: number, why: string): EfiError {
  return new EfiError(
    unsupported ? 'EFI_UNSUPPORTED' : 'EFI_INVALID_PARAMETER',
    `0x${attributes.toString(16)} ${why}`,
  );
}
