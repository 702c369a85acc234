import { statusCodeText } from '@dxelab/report-status-code-router-runtime-dxe';
import { EFI_PROGRESS_CODE } from '@dxelab/uefi';

/** PROGRESS CODE: V03051001 I0 */
export const line: string = statusCodeText({
  type: EFI_PROGRESS_CODE,
  value: 0x03051001,
  instance: 0,
});
