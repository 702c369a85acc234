import type { EfiStatusCode } from '@dxelab/uefi';
import { EFI_ERROR_CODE, EFI_PROGRESS_CODE, EFI_STATUS_CODE_TYPE_MASK } from '@dxelab/uefi';

/**
 * A status code as a line of the debug log.
 * MdeModulePkg/Universal/StatusCodeHandler/RuntimeDxe/SerialStatusCodeWorker.c.
 */
export function statusCodeText({ type, value, instance, callerId, data }: EfiStatusCode): string {
  const caller = callerId === undefined ? '' : ` ${callerId}`;
  const bytes = data === undefined ? '' : ` with ${data.length} bytes`;
  const what = `V${hex(value)} I${instance.toString(16)}${caller}${bytes}`;
  switch (type & EFI_STATUS_CODE_TYPE_MASK) {
    case EFI_PROGRESS_CODE:
      return `PROGRESS CODE: ${what}`;
    case EFI_ERROR_CODE:
      return `ERROR: C${hex(type)}:${what}`;
    default:
      return `Undefined: C${hex(type)}:${what}`;
  }
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
