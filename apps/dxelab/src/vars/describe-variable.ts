import { convertVariableAttributesToText, convertVariableToText, type Guid } from '@dxelab/uefi';
import type { VariableStore } from '@dxelab/variable-runtime-dxe';

/** A variable as `--json` prints it. */
export interface DescribedVariable {
  readonly name: string;
  readonly vendor: Guid;
  readonly attributes: readonly string[];
  /** In bytes. */
  readonly size: number;
  /** Of the variables whose meaning the specification defines. */
  readonly value: string | undefined;
  /** Hexadecimal digits, two for each byte. */
  readonly data: string;
}

/** A store as `--json` prints it. */
export interface DescribedStore {
  readonly file: string;
  /** In bytes, of all records that fit. */
  readonly capacity: number;
  /** In bytes, of the records that count. */
  readonly used: number;
  readonly variables: readonly DescribedVariable[];
}

export function describeStore(file: string, store: VariableStore): DescribedStore {
  const { capacity, used, variables } = store;
  return { file, capacity, used, variables: [...variables].map(describeVariable) };
}

export function describeVariable(variable: {
  readonly name: string;
  readonly vendor: Guid;
  readonly attributes: number;
  readonly data: Uint8Array;
}): DescribedVariable {
  const { name, vendor, attributes, data } = variable;
  return {
    name,
    vendor,
    attributes: convertVariableAttributesToText(attributes).split(','),
    size: data.length,
    value: convertVariableToText(name, vendor, data),
    data: Buffer.from(data).toString('hex'),
  };
}
