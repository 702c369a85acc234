import type { EfiRuntimeServices } from '@dxelab/uefi';
import { EFI_GLOBAL_VARIABLE, isEfiFailure } from '@dxelab/uefi';

/** The names of all variables of the specification: for those whose numbers nobody lists. */
export function globalVariableNames(
  rs: Pick<EfiRuntimeServices, 'getNextVariableName'>,
): readonly string[] {
  const names: string[] = [];
  try {
    let next = rs.getNextVariableName(undefined);
    for (; next !== undefined; next = rs.getNextVariableName(next)) {
      if (next.vendor === EFI_GLOBAL_VARIABLE) names.push(next.name);
    }
  } catch (caught) {
    // no variables at all
    if (!isEfiFailure(caught)) throw caught;
  }
  return names;
}
