import type { NonVolatileStorage } from '@dxelab/variable-runtime-dxe';

/**
 * The UEFI variables that are there when the machine is switched on: a store such as OVMF_VARS.fd, by its path
 * from the scenario's file; the same, to be changed; those that are listed; or a live storage.
 */
export type VariablesInput =
  | string
  | VariablesFileInput
  | readonly VariableInput[]
  | NonVolatileStorage;

export interface VariablesFileInput {
  readonly file: string;
  /**
   * Whether what firmware writes goes to the file itself, so that the next boot finds it. Default: no, it is
   * forgotten after the boot.
   */
  readonly writable?: boolean | undefined;
}

/** A variable: its `value`, where the specification says what it means, or else its `data`. */
export interface VariableInput {
  readonly name: string;
  /** A GUID. Default: that of the specification's own variables, EFI_GLOBAL_VARIABLE. */
  readonly vendor?: string | undefined;
  /** Default: `NV,BS,RT`. What is not NV is not there when a machine is switched on. */
  readonly attributes?: string | undefined;
  /**
   * As `dxelab vars` shows it: `0001,0000` of BootOrder, 5 of Timeout, `"Linux" HD(…)/\linux.efi` of Boot0001,
   * `Boot0001 by F9` of Key0000.
   */
  readonly value?: string | number | undefined;
  /** Bytes in hexadecimal, two digits each. */
  readonly data?: string | undefined;
}

/** A variable when the boot has ended. */
export interface VariableExpectationInput {
  readonly variable: string;
  /** A GUID. Default: that of the specification's own variables, EFI_GLOBAL_VARIABLE. */
  readonly vendor?: string | undefined;
  /** Whether there is to be one. Default: yes. */
  readonly present?: boolean | undefined;
  /** A part of its value as `dxelab vars` shows it, or `/…/`. */
  readonly value?: string | RegExp | undefined;
  /** All of its bytes in hexadecimal. */
  readonly data?: string | undefined;
}
