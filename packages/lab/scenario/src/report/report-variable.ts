import type { VariableEntry } from '@dxelab/variable-runtime-dxe';
import { convertVariableAttributesToText, convertVariableToText } from '@dxelab/uefi';
import { hexOf } from '../units/hex.ts';
import type { ReportedVariable } from './boot-report.ts';

/** A variable as a report shows it. */
export function reportVariable({
  name,
  vendor,
  attributes,
  data,
}: VariableEntry): ReportedVariable {
  return {
    name,
    vendor,
    attributes: convertVariableAttributesToText(attributes),
    value: convertVariableToText(name, vendor, data),
    data: hexOf(data),
  };
}
