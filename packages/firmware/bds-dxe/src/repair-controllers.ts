import type {
  EfiDriverHealth,
  EfiDriverHealthStatus,
  EfiHandle,
  EfiSystemTable,
} from '@dxelab/uefi';
import { DriverHealthProtocol, efiStatusOf, isEfiFailure } from '@dxelab/uefi';
import type { DebugLib } from '@dxelab/uefi-lib';
import { DEBUG_ERROR, DEBUG_INFO } from '@dxelab/uefi-lib';

/** How often everybody is asked again after something was repaired. */
const ROUNDS = 10;

/**
 * Asks every driver with EFI_DRIVER_HEALTH_PROTOCOL how its controllers are, and does what they need before a
 * boot (UEFI §11.10). MdeModulePkg/Library/UefiBootManagerLib/BmDriverHealth.c, BmRepairAllControllers.
 */
export function repairControllers(systemTable: EfiSystemTable, debug: DebugLib): void {
  const { bootServices: bs, runtimeServices } = systemTable;
  for (let round = 0; round < ROUNDS; round += 1) {
    let isAgain = false;
    for (const health of drivers(systemTable)) {
      for (const controller of bs.locateHandleBuffer({ type: 'AllHandles' })) {
        const status = statusOf(health, controller);
        if (status === undefined || status === 'EfiDriverHealthStatusHealthy') continue;
        const what = `the driver of handle ${controller.number} says ${status}`;
        debug.debug(DEBUG_INFO, what);
        switch (status) {
          case 'EfiDriverHealthStatusRepairRequired':
            attempt(debug, what, () => health.repair(controller, undefined));
            isAgain = true;
            break;
          case 'EfiDriverHealthStatusReconnectRequired':
            attempt(debug, what, () => bs.disconnectController(controller));
            attempt(debug, what, () =>
              bs.connectController(controller, undefined, undefined, true),
            );
            isAgain = true;
            break;
          case 'EfiDriverHealthStatusRebootRequired':
            return runtimeServices.resetSystem('EfiResetCold', 'EFI_SUCCESS');
          case 'EfiDriverHealthStatusFailed':
          case 'EfiDriverHealthStatusConfigurationRequired':
          default:
            // it has failed, or somebody would have to configure it: nobody is there
            debug.debug(DEBUG_ERROR, `${what}, and nothing can be done`);
        }
      }
    }
    if (!isAgain) return;
  }
}

/** Of the drivers that do not say that all of their controllers are healthy. */
function drivers({ bootServices: bs }: EfiSystemTable): readonly EfiDriverHealth[] {
  try {
    return bs
      .locateHandleBuffer({ type: 'ByProtocol', protocol: DriverHealthProtocol })
      .map((handle) => bs.handleProtocol(handle, DriverHealthProtocol))
      .filter((health) => statusOf(health, undefined) !== 'EfiDriverHealthStatusHealthy');
  } catch (caught) {
    // the usual case: nobody has it
    if (efiStatusOf(caught) === 'EFI_NOT_FOUND') return [];
    throw caught;
  }
}

/** `undefined` for a controller that is not the driver's. */
function statusOf(
  health: EfiDriverHealth,
  controller: EfiHandle | undefined,
): EfiDriverHealthStatus | undefined {
  try {
    return health.getHealthStatus(controller, undefined).status;
  } catch (caught) {
    if (isEfiFailure(caught)) return undefined;
    throw caught;
  }
}

function attempt(debug: DebugLib, what: string, body: () => void): void {
  try {
    body();
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    debug.debug(DEBUG_ERROR, `${what}; that failed: ${caught.message}`);
  }
}
