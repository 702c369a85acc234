import type { EfiRuntimeServices } from '@dxelab/uefi';
import {
  EFI_GLOBAL_VARIABLE,
  EFI_VARIABLE_BOOTSERVICE_ACCESS,
  EFI_VARIABLE_NON_VOLATILE,
  EFI_VARIABLE_RUNTIME_ACCESS,
  isEfiFailure,
} from '@dxelab/uefi';

/** What the boot manager needs of the variable services. */
export type VariableAccess = Pick<EfiRuntimeServices, 'getVariable' | 'setVariable'>;

const VOLATILE = EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS;
const LASTING = VOLATILE | EFI_VARIABLE_NON_VOLATILE;

/** The value of a variable of the specification; `undefined` if there is none, or no variables at all. */
export function readGlobal(rs: VariableAccess, name: string): Uint8Array | undefined {
  try {
    return rs.getVariable(name, EFI_GLOBAL_VARIABLE).data;
  } catch (caught) {
    if (isEfiFailure(caught)) return undefined;
    throw caught;
  }
}

/** Writes a variable that ends with this boot: what cannot be written is no reason not to boot. */
export function writeVolatileGlobal(rs: VariableAccess, name: string, data: Uint8Array): void {
  write(rs, name, VOLATILE, data);
}

/** Writes a variable that stays. */
export function writeLastingGlobal(rs: VariableAccess, name: string, data: Uint8Array): void {
  write(rs, name, LASTING, data);
}

export function deleteGlobal(rs: VariableAccess, name: string): void {
  write(rs, name, 0, new Uint8Array(0));
}

function write(rs: VariableAccess, name: string, attributes: number, data: Uint8Array): void {
  try {
    rs.setVariable(name, EFI_GLOBAL_VARIABLE, attributes, data);
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
  }
}
