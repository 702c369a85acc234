import {
  EVT_SIGNAL_EXIT_BOOT_SERVICES,
  guid,
  TPL_NOTIFY,
  VariableArchProtocol,
  VariableWriteArchProtocol,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { MemoryStorage } from './storage/memory-storage.ts';
import type { NonVolatileStorage } from './storage/non-volatile-storage.ts';
import { OVMF_2M_VARIABLES_SIZE } from './store/flash-layout.ts';
import { VariableStore } from './store/variable-store.ts';
import type { VerifyRequest } from './variable-services.ts';
import { VariableServices } from './variable-services.ts';

/** What the platform gives the variables. */
export interface VariableOptions {
  /**
   * Where they stay while the machine is off; without it they are forgotten, as on EmuVariableFvbRuntimeDxe, and
   * have as much room as in OVMF's smaller flash: each boot pays for it.
   */
  readonly storage?: NonVolatileStorage;
  /** Whether the platform accepts the signature of an authenticated write. Default: it accepts none. */
  readonly verify?: (request: VerifyRequest) => boolean;
  /** Receives the services when they are there: a report can show the variables when all is over. */
  readonly onReady?: (services: VariableServices) => void;
}

/** PcdMaxVariableSize and PcdVariableStoreSize of OvmfPkg/Include/Dsc for a flash of 4 MiB. */
const MAXIMUM_VARIABLE_SIZE = 0x8400;
const VOLATILE_SIZE = 0x40000;

/** MdeModulePkg/Universal/Variable/RuntimeDxe, with FaultTolerantWriteDxe and the flash below it. */
export function variableRuntimeDxe(options: VariableOptions = {}): DxeModule {
  return {
    name: 'VariableRuntimeDxe',
    fileGuid: guid('cbd2e4d5-7068-4ff5-b462-9822b4ad8d60'),
    moduleType: 'DXE_RUNTIME_DRIVER',
    depex: { op: 'TRUE' },
    entryPoint(_imageHandle, systemTable, { quirks }) {
      const storage = options.storage ?? new MemoryStorage(OVMF_2M_VARIABLES_SIZE);
      const services = new VariableServices(new VariableStore(storage), {
        maximumVariableSize: MAXIMUM_VARIABLE_SIZE,
        volatileSize: VOLATILE_SIZE,
        authenticates: !quirks.has('VariableRuntimeDxe.NoAuthentication'),
        verify: options.verify ?? (() => false),
      });
      options.onReady?.(services);
      const bs = systemTable.bootServices;
      bs.createEvent(
        EVT_SIGNAL_EXIT_BOOT_SERVICES,
        TPL_NOTIFY,
        () => services.exitBootServices(),
        undefined,
      );
      bs.installProtocolInterface(undefined, VariableArchProtocol, services);
      bs.installProtocolInterface(undefined, VariableWriteArchProtocol, null);
    },
  };
}
