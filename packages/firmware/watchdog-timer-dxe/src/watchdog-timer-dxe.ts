import { guid, WatchdogTimerArchProtocol } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { WatchdogTimer } from './watchdog-timer.ts';

/** MdeModulePkg/Universal/WatchdogTimerDxe. */
export const watchdogTimerDxe: DxeModule = {
  name: 'WatchdogTimer',
  fileGuid: guid('f099d67f-71ae-4c36-b2a3-dceb0eb2b7d8'),
  moduleType: 'DXE_DRIVER',
  depex: { op: 'TRUE' },
  entryPoint(_imageHandle, systemTable, { debug }) {
    const watchdog = new WatchdogTimer(systemTable, debug);
    const bs = systemTable.bootServices;
    bs.installProtocolInterface(undefined, WatchdogTimerArchProtocol, watchdog);
  },
};
