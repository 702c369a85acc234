import type { EfiStatus } from '@dxelab/uefi';
import { EFI_VARIABLE_APPEND_WRITE as APPEND, EFI_VARIABLE_NON_VOLATILE as NV } from '@dxelab/uefi';

/** In bytes, of a variable with its header and name. */
export const MAXIMUM_VARIABLE_SIZE = 1024;
const HEADER_LENGTH = 60;

/** One variable, as simply as it can be said. */
export interface ModelVariable {
  readonly name: string;
  readonly vendor: string;
  readonly attributes: number;
  /** Each character a byte. */
  readonly data: string;
}

/** Variables in the order of their last change. */
export type Model = readonly ModelVariable[];

/** What SetVariable makes of the variables, or the status with which it refuses (UEFI §8.2.3). */
export function modelSet(model: Model, wanted: ModelVariable): Model | EfiStatus {
  const { name, vendor, data } = wanted;
  const isAppended = (wanted.attributes & APPEND) !== 0;
  const attributes = wanted.attributes & ~APPEND;
  const old = model.find((one) => one.name === name && one.vendor === vendor);
  if (old !== undefined && wanted.attributes !== 0 && attributes !== old.attributes) {
    return 'EFI_INVALID_PARAMETER';
  }
  if (isAppended && data.length === 0 && (old === undefined || attributes !== 0)) return model;
  const others = model.filter((one) => one !== old);
  if (data.length === 0 || attributes === 0) return old === undefined ? 'EFI_NOT_FOUND' : others;
  const value = isAppended && old !== undefined ? old.data + data : data;
  if (HEADER_LENGTH + (name.length + 1) * 2 + value.length > MAXIMUM_VARIABLE_SIZE) {
    return 'EFI_INVALID_PARAMETER';
  }
  if (!isAppended && old?.data === value) return model;
  return [...others, { name, vendor, attributes, data: value }];
}

/** What a reset leaves. */
export function modelReset(model: Model): Model {
  return model.filter(isLasting);
}

/** As GetNextVariableName goes: volatile variables come first. */
export function modelText(model: Model): string {
  const inOrder = [...model.filter((one) => !isLasting(one)), ...model.filter(isLasting)];
  return inOrder
    .map(({ name, vendor, attributes, data }) => `${vendor} ${name} ${attributes} ${data}`)
    .join('\n');
}

function isLasting({ attributes }: ModelVariable): boolean {
  return (attributes & NV) !== 0;
}
