import type { EfiStatusCode } from '@dxelab/uefi';
import {
  EFI_ERROR_CODE,
  EFI_STATUS_CODE_TYPE_MASK,
  EVT_SIGNAL_EXIT_BOOT_SERVICES,
  guid,
  protocolInterface,
  RscHandlerProtocol,
  StatusCodeRuntimeProtocol,
  TPL_HIGH_LEVEL,
  TPL_NOTIFY,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { DEBUG_ERROR, DEBUG_INFO } from '@dxelab/uefi-lib';
import { StatusCodeRouter } from './status-code-router.ts';
import { statusCodeText } from './status-code-text.ts';

/**
 * MdeModulePkg/Universal/ReportStatusCodeRouter/RuntimeDxe, with what StatusCodeHandler/RuntimeDxe does for a
 * serial port: every status code is a line of the debug log, and so of a trace.
 */
export const reportStatusCodeRouterRuntimeDxe: DxeModule = {
  name: 'ReportStatusCodeRouterRuntimeDxe',
  fileGuid: guid('d93ce3d8-a7eb-4730-8c8e-cc466a9ecc3c'),
  moduleType: 'DXE_RUNTIME_DRIVER',
  depex: { op: 'TRUE' },
  entryPoint(_imageHandle, { bootServices }, { debug }) {
    const router = new StatusCodeRouter(bootServices);
    bootServices.createEvent(
      EVT_SIGNAL_EXIT_BOOT_SERVICES,
      TPL_NOTIFY,
      () => router.exitBootServices(),
      null,
    );
    const show = (code: EfiStatusCode): void => {
      const isError = (code.type & EFI_STATUS_CODE_TYPE_MASK) === EFI_ERROR_CODE;
      debug.debug(isError ? DEBUG_ERROR : DEBUG_INFO, statusCodeText(code));
    };
    router.register(show, TPL_HIGH_LEVEL);
    bootServices.installMultipleProtocolInterfaces(
      undefined,
      protocolInterface(StatusCodeRuntimeProtocol, router),
      protocolInterface(RscHandlerProtocol, router),
    );
  },
};
