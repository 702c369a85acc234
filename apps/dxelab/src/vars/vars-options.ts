import {
  convertTextToVariableAttributes,
  guid,
  VARIABLE_ATTRIBUTE_NAMES,
  type Guid,
} from '@dxelab/uefi';
import { InvalidArgumentError } from 'commander';

/** What can be done with a store. */
export const VARS_ACTIONS = ['list', 'show', 'set', 'delete', 'create'] as const;

export type VarsAction = (typeof VARS_ACTIONS)[number];

/** The options of `dxelab vars`, as commander parses them. */
export interface VarsOptions {
  readonly vendor?: Guid;
  /** EFI_VARIABLE_*. */
  readonly attributes?: number;
  readonly hex?: boolean;
  readonly json?: boolean;
}

/** @throws InvalidArgumentError unless it is a GUID */
export function parseVendor(text: string): Guid {
  try {
    return guid(text.toLowerCase());
  } catch (caught) {
    throw new InvalidArgumentError(caught instanceof Error ? caught.message : String(caught));
  }
}

/** @throws InvalidArgumentError unless it names attributes of what lasts */
export function parseAttributes(text: string): number {
  const attributes = convertTextToVariableAttributes(text);
  if (attributes === undefined) {
    const names = VARIABLE_ATTRIBUTE_NAMES.join(', ');
    throw new InvalidArgumentError(`expected names such as NV,BS,RT; known are ${names}`);
  }
  if ((attributes & 1) === 0) {
    throw new InvalidArgumentError('expected NV among them: what is volatile is in no file');
  }
  return attributes;
}

/** The bytes that hexadecimal digits stand for, two each; `undefined` if they are none. */
export function parseHex(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(/[\s:]/gu, '');
  if (!/^(?:[0-9a-f]{2})*$/iu.test(digits)) return undefined;
  return Uint8Array.from(digits.match(/../gu) ?? [], (pair) => Number.parseInt(pair, 16));
}
