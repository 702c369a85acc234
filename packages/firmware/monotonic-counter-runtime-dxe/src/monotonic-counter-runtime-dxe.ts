import {
  guid,
  MonotonicCounterArchProtocol,
  VariableArchProtocol,
  VariableWriteArchProtocol,
} from '@dxelab/uefi';
import type { DxeModule, Quirks } from '@dxelab/uefi-lib';
import { MonotonicCount } from './monotonic-count.ts';

/** How many counts the lower half has. */
export function lowerHalf(quirks: Quirks): number {
  return quirks.has('MonotonicCounterRuntimeDxe.HalfRange') ? 2 ** 31 : 2 ** 32;
}

/** MdeModulePkg/Universal/MonotonicCounterRuntimeDxe. */
export const monotonicCounterRuntimeDxe: DxeModule = {
  name: 'MonotonicCounterRuntimeDxe',
  fileGuid: guid('ad608272-d07f-4964-801e-7bd3b7888652'),
  moduleType: 'DXE_RUNTIME_DRIVER',
  depex: {
    op: 'AND',
    operands: [
      { op: 'PUSH', protocol: VariableArchProtocol },
      { op: 'PUSH', protocol: VariableWriteArchProtocol },
    ],
  },
  entryPoint(_imageHandle, systemTable, { quirks }) {
    const count = new MonotonicCount(systemTable, lowerHalf(quirks));
    const bs = systemTable.bootServices;
    bs.installProtocolInterface(undefined, MonotonicCounterArchProtocol, count);
  },
};
