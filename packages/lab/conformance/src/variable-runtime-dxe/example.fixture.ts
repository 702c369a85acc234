import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import {
  EFI_VARIABLE_BOOTSERVICE_ACCESS,
  EFI_VARIABLE_NON_VOLATILE,
  guid,
  type EfiRuntimeServices,
} from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import {
  MemoryStorage,
  OVMF_4M_VARIABLES_SIZE,
  variableRuntimeDxe,
} from '@dxelab/variable-runtime-dxe';

const VENDOR = guid('837dca9e-e874-4d82-b29a-23fe0e23d1e2');
/** What stays while the machine is off: the bytes of an OVMF_VARS_4M.fd. */
const flash = new MemoryStorage(OVMF_4M_VARIABLES_SIZE);

function switchOn(): EfiRuntimeServices {
  const machine = createEmulatedMachine({ memory: 64 * 2 ** 20 });
  const modules = [variableRuntimeDxe({ storage: flash })];
  const core = createDxeCore(machine.platform, { modules, quirks: new Quirks('specification') });
  core.dispatch();
  return core.systemTable.runtimeServices;
}

const attributes = EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS;
switchOn().setVariable('Answer', VENDOR, attributes, Uint8Array.of(42));
/** Uint8Array [42], on the next machine that has the flash */
export const kept: Uint8Array = switchOn().getVariable('Answer', VENDOR).data;
