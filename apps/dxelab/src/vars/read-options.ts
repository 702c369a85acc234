import { HostError } from '@dxelab/node-host';
import {
  convertTextToVariableAttributes,
  EFI_VARIABLE_NON_VOLATILE,
  guid,
  VARIABLE_ATTRIBUTE_NAMES,
  type Guid,
} from '@dxelab/uefi';
import type { VarsFlags } from './vars-options.ts';

/** What the options of `dxelab vars` mean. */
export interface VarsOptions {
  readonly vendor: Guid | undefined;
  /** EFI_VARIABLE_*. */
  readonly attributes: number | undefined;
  readonly hex: boolean;
}

/** @throws HostError that names the option whose value means nothing */
export function readOptions({ vendor, attributes, hex }: VarsFlags): VarsOptions {
  return {
    vendor: vendor === undefined ? undefined : vendorOf(vendor),
    attributes: attributes === undefined ? undefined : attributesOf(attributes),
    hex: hex === true,
  };
}

function vendorOf(text: string): Guid {
  try {
    return guid(text.toLowerCase());
  } catch (caught) {
    const reason = caught instanceof Error ? caught.message : String(caught);
    throw new HostError(`--vendor ${text}: ${reason}`);
  }
}

function attributesOf(text: string): number {
  const attributes = convertTextToVariableAttributes(text);
  if (attributes === undefined) {
    const names = VARIABLE_ATTRIBUTE_NAMES.join(', ');
    throw new HostError(
      `--attributes ${text}: expected names such as NV,BS,RT; known are ${names}`,
    );
  }
  if ((attributes & EFI_VARIABLE_NON_VOLATILE) === 0) {
    throw new HostError(
      `--attributes ${text}: expected NV among them: what is volatile is in no file`,
    );
  }
  return attributes;
}
