import type { DevicePath, EfiRuntimeServices } from '@dxelab/uefi';
import {
  appendDevicePathInstance,
  devicePathInstances,
  devicePathsEqual,
  EFI_GLOBAL_VARIABLE,
  EFI_VARIABLE_BOOTSERVICE_ACCESS,
  EFI_VARIABLE_RUNTIME_ACCESS,
  isDevicePathValid,
  isEfiFailure,
} from '@dxelab/uefi';

type VariableAccess = Pick<EfiRuntimeServices, 'getVariable' | 'setVariable'>;

/** Which devices somebody has chosen (UEFI §3.3). */
export type ChosenConsoles = 'ConIn' | 'ConOut' | 'ErrOut';

/** The device paths that a variable names; `undefined` if there is none, or nothing that could be read. */
export function readConsoles(
  rs: VariableAccess,
  name: ChosenConsoles,
): readonly DevicePath[] | undefined {
  try {
    const path = rs.getVariable(name, EFI_GLOBAL_VARIABLE).data;
    return isDevicePathValid(path) ? devicePathInstances(path) : undefined;
  } catch (caught) {
    // also where there are no variables at all, or not yet
    if (isEfiFailure(caught)) return undefined;
    throw caught;
  }
}

/**
 * Which devices there are to choose from: ConInDev, ConOutDev or ErrOutDev, made anew in each boot
 * (ConPlatform.c: ConPlatformUpdateDeviceVariable).
 */
export class PossibleConsoles {
  readonly #rs: VariableAccess;
  readonly #name: string;
  #paths: readonly DevicePath[] = [];
  /** Whether the variable is there. */
  #isWritten = false;
  /** Whether it says what there is. */
  #isPublished = true;

  /** @param chosen the variable of the devices that are chosen */
  constructor(rs: VariableAccess, chosen: ChosenConsoles) {
    this.#rs = rs;
    this.#name = `${chosen}Dev`;
  }

  add(path: DevicePath): void {
    if (this.#paths.some((one) => devicePathsEqual(one, path))) return;
    this.#paths = [...this.#paths, path];
    this.#isPublished = false;
  }

  remove(path: DevicePath): void {
    this.#paths = this.#paths.filter((one) => !devicePathsEqual(one, path));
    if (this.#isWritten) this.#write();
  }

  /** Says in the variable what there is, if there are variables. */
  publish(): void {
    if (!this.#isPublished) this.#write();
  }

  #write(): void {
    const attributes = EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS;
    const data = this.#paths.reduce<DevicePath | undefined>(appendDevicePathInstance, undefined);
    try {
      const bytes = data ?? new Uint8Array(0);
      this.#rs.setVariable(this.#name, EFI_GLOBAL_VARIABLE, attributes, bytes);
      this.#isWritten = data !== undefined;
      this.#isPublished = true;
    } catch (caught) {
      // a console works all the same where nobody can be told of it, or not yet
      if (!isEfiFailure(caught)) throw caught;
    }
  }
}
