import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine, Mc146818 } from '@dxelab/emulated-machine';
import { pcatRealTimeClockRuntimeDxe } from '@dxelab/pcat-real-time-clock-runtime-dxe';
import type { EfiTime } from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import { variableRuntimeDxe } from '@dxelab/variable-runtime-dxe';

const { platform } = createEmulatedMachine({
  memory: 64 * 2 ** 20,
  devices: [new Mc146818({ time: Date.UTC(2026, 10, 21, 12, 0, 0) / 1000 })],
});
const modules = [pcatRealTimeClockRuntimeDxe, variableRuntimeDxe()];
const core = createDxeCore(platform, { modules, quirks: new Quirks('specification') });
core.dispatch();

const { bootServices, runtimeServices } = core.systemTable;
bootServices.stall(30_000_000);
/** Half a minute after noon: time is the machine's */
export const now: EfiTime = runtimeServices.getTime().time;
// tonight, and told so until it has come
runtimeServices.setWakeupTime(true, { ...now, hour: 23 });
export const wakes: boolean = runtimeServices.getWakeupTime().enabled;
