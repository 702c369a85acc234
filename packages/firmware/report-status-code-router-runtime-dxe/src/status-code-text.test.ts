import {
  EFI_DEBUG_CODE,
  EFI_ERROR_CODE,
  EFI_ERROR_MAJOR,
  EFI_PROGRESS_CODE,
  guid,
} from '@dxelab/uefi';
import { expect, test } from 'vitest';
import { statusCodeText } from './status-code-text.ts';

const callerId = guid('12345678-1234-1234-1234-123456789abc');

test.each([
  [{ type: EFI_PROGRESS_CODE, value: 0x3051001, instance: 0 }, 'PROGRESS CODE: V03051001 I0'],
  [
    { type: EFI_ERROR_CODE + EFI_ERROR_MAJOR, value: 0x1011005, instance: 0x1f, callerId },
    `ERROR: C80000002:V01011005 I1f ${callerId}`,
  ],
  [
    { type: EFI_DEBUG_CODE, value: 1, instance: 0, data: new Uint8Array(3) },
    'Undefined: C00000003:V00000001 I0 with 3 bytes',
  ],
])('%o', (code, text) => {
  expect(statusCodeText(code)).toBe(text);
});
