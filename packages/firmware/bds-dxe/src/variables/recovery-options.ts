import type { DevicePath, EfiRuntimeServices } from '@dxelab/uefi';
import {
  devicePathsEqual,
  LOAD_OPTION_ACTIVE,
  loadOptionName,
  readLoadOptionName,
  writeLoadOption,
} from '@dxelab/uefi';
import { globalVariableNames } from './global-variable-names.ts';
import { writeVolatileGlobal } from './global-variables.ts';
import type { NumberedOption } from './load-options.ts';
import { readNumberedOption } from './load-options.ts';

/** What is needed to find variables whose numbers nobody lists. */
type VariableSearch = Pick<
  EfiRuntimeServices,
  'getNextVariableName' | 'getVariable' | 'setVariable'
>;

/**
 * Gives the platform's default its PlatformRecovery#### variable: the first number that is free, unless it has
 * one already (UEFI §3.4.2; BdsEntry.c).
 * @param file the short form of the removable-media file
 */
export function addDefaultRecovery(rs: VariableSearch, file: DevicePath): void {
  const options = readRecoveryOptions(rs);
  if (options.some(({ devicePath }) => devicePathsEqual(devicePath, file))) return;
  const free = options.findIndex(({ number }, index) => number !== index);
  const data = writeLoadOption({
    attributes: LOAD_OPTION_ACTIVE,
    description: 'Default PlatformRecovery',
    filePathList: [file],
    optionalData: new Uint8Array(0),
  });
  const number = free === -1 ? options.length : free;
  writeVolatileGlobal(rs, loadOptionName('PlatformRecovery', number), data);
}

/** The PlatformRecovery#### options, by their numbers: they have no order of their own. */
export function readRecoveryOptions(rs: VariableSearch): readonly NumberedOption[] {
  return recoveryNumbers(rs)
    .toSorted((left, right) => left - right)
    .flatMap((number) => readNumberedOption(rs, 'PlatformRecovery', number) ?? []);
}

function recoveryNumbers(rs: VariableSearch): readonly number[] {
  return globalVariableNames(rs)
    .map((name) => readLoadOptionName(name))
    .flatMap((option) => (option?.type === 'PlatformRecovery' ? option.number : []));
}
