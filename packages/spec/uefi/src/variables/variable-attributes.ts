import {
  EFI_VARIABLE_APPEND_WRITE,
  EFI_VARIABLE_AUTHENTICATED_WRITE_ACCESS,
  EFI_VARIABLE_BOOTSERVICE_ACCESS,
  EFI_VARIABLE_ENHANCED_AUTHENTICATED_ACCESS,
  EFI_VARIABLE_HARDWARE_ERROR_RECORD,
  EFI_VARIABLE_NON_VOLATILE,
  EFI_VARIABLE_RUNTIME_ACCESS,
  EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS,
} from '../services/variable-services.ts';

/** The specification's own short names (UEFI §3.3, Table 3.1), and such for the others. */
const NAMES: readonly (readonly [string, number])[] = [
  ['NV', EFI_VARIABLE_NON_VOLATILE],
  ['BS', EFI_VARIABLE_BOOTSERVICE_ACCESS],
  ['RT', EFI_VARIABLE_RUNTIME_ACCESS],
  ['HR', EFI_VARIABLE_HARDWARE_ERROR_RECORD],
  ['AW', EFI_VARIABLE_AUTHENTICATED_WRITE_ACCESS],
  ['AT', EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS],
  ['AP', EFI_VARIABLE_APPEND_WRITE],
  ['EA', EFI_VARIABLE_ENHANCED_AUTHENTICATED_ACCESS],
];

/** All names of attributes, in the order of their bits. */
export const VARIABLE_ATTRIBUTE_NAMES: readonly string[] = NAMES.map(([name]) => name);

/** Attributes of a variable as the specification's tables write them: `NV,BS,RT`. Unknown bits are left out. */
export function convertVariableAttributesToText(attributes: number): string {
  return NAMES.filter(([, bit]) => (attributes & bit) !== 0)
    .map(([name]) => name)
    .join(',');
}

/** The attributes that a text such as `NV,BS,RT` names, in either case; `undefined` if it names something else. */
export function convertTextToVariableAttributes(text: string): number | undefined {
  let attributes = 0;
  for (const name of text.split(/[\s,+]+/u)) {
    const found = NAMES.find(([known]) => known === name.toUpperCase());
    if (found === undefined) return undefined;
    attributes |= found[1];
  }
  return attributes;
}
