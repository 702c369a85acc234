import { createDxeCore } from '@dxelab/dxe-core';
import type { DxeCore } from '@dxelab/dxe-core';
import type { Platform, Tracer } from '@dxelab/platform';
import { Quirks } from '@dxelab/uefi-lib';
import type { VariableServices } from '@dxelab/variable-runtime-dxe';
import { firmwareVolume } from '../prepare/firmware-volume.ts';
import type { PreparedBoot } from '../prepare/prepare-scenario.ts';
import { standInRuntime } from '../prepare/stand-in.ts';
import { given } from '../units/given.ts';
import type { BootRecord } from './boot-record.ts';

/**
 * Makes the firmware of a scenario on its machine; nothing is dispatched yet.
 * @param mayBeTyped whether somebody may still type at a console
 */
export function buildFirmware(
  { scenario: { firmware }, drivers, standIns, variables }: PreparedBoot,
  platform: Platform,
  record: BootRecord,
  trace: Tracer | undefined,
  mayBeTyped: () => boolean,
): DxeCore {
  return createDxeCore(platform, {
    modules: firmwareVolume(
      drivers,
      {
        bootOptions: firmware.bootOptions,
        mayBeTyped,
        onAttempt: (attempt) => record.attempts.push(attempt),
      },
      given({
        storage: variables(),
        onReady: (services: VariableServices) => record.watchVariables(services),
      }),
    ),
    quirks: new Quirks(firmware.profile, firmware.quirks),
    runtimes: [standInRuntime(standIns, platform)],
    trace,
    memoryGuard: firmware.memoryGuard,
    interrupts: firmware.interrupts,
    onDebug: (message) => record.message(message),
    onFinding: ({ rule, message, fields }) =>
      record.finding({ rule, device: 'DxeCore', message, fields }),
  });
}
