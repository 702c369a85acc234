import {
  CapsuleArchProtocol,
  EVT_SIGNAL_EXIT_BOOT_SERVICES,
  guid,
  TPL_NOTIFY,
  VariableWriteArchProtocol,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import type { CapsuleLib } from './capsule-lib.ts';
import { capsuleLibNull } from './capsule-lib.ts';
import { CapsuleServices } from './capsule-services.ts';

/**
 * MdeModulePkg/Universal/CapsuleRuntimeDxe.
 * @param library which capsules the platform knows; without, it refuses them all, as OVMF
 */
export function capsuleRuntimeDxe(library: CapsuleLib = capsuleLibNull): DxeModule {
  return {
    name: 'CapsuleRuntimeDxe',
    fileGuid: guid('42857f0a-13f2-4b21-8a23-53d3f714b840'),
    moduleType: 'DXE_RUNTIME_DRIVER',
    depex: { op: 'PUSH', protocol: VariableWriteArchProtocol },
    entryPoint(_imageHandle, { bootServices }, { quirks }) {
      const services = new CapsuleServices(library, quirks);
      const exit = (): void => services.exitBootServices();
      bootServices.createEvent(EVT_SIGNAL_EXIT_BOOT_SERVICES, TPL_NOTIFY, exit, undefined);
      bootServices.installProtocolInterface(undefined, CapsuleArchProtocol, services);
    },
  };
}
