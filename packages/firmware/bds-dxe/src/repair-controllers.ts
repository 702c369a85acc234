import type {
  EfiDriverHealth,
  EfiDriverHealthStatus,
  EfiHandle,
  EfiSystemTable,
} from '@dxelab/uefi';
import { DriverHealthProtocol, isEfiFailure } from '@dxelab/uefi';
import type { DebugLib } from '@dxelab/uefi-lib';
import { DEBUG_ERROR, DEBUG_INFO } from '@dxelab/uefi-lib';
import { handlesWith } from './connect.ts';
import { opened } from './opened.ts';

/** How often everybody is asked again after something was repaired. */
const ROUNDS = 10;

/** What a driver says of a controller, or of a child that it has made on it. */
interface Patient {
  readonly health: EfiDriverHealth;
  readonly controller: EfiHandle;
  readonly child: EfiHandle | undefined;
  readonly status: EfiDriverHealthStatus;
}

/**
 * Asks every driver with EFI_DRIVER_HEALTH_PROTOCOL how its controllers are, and their children, and does what they
 * need before a boot (UEFI §11.10). MdeModulePkg/Library/UefiBootManagerLib/BmDriverHealth.c,
 * BmRepairAllControllers.
 */
export function repairControllers(systemTable: EfiSystemTable, debug: DebugLib): void {
  for (let round = 0; round < ROUNDS; round += 1) {
    const treated = patients(systemTable).map((patient) => treat(systemTable, debug, patient));
    if (!treated.includes('treated')) return;
  }
}

/** Does what one needs. @returns whether that may have changed something */
function treat(
  { bootServices: bs, runtimeServices }: EfiSystemTable,
  debug: DebugLib,
  { health, controller, child, status }: Patient,
): 'treated' | 'left' {
  const where = child === undefined ? '' : ` of its child ${child.number}`;
  const what = `the driver of handle ${controller.number} says ${status}${where}`;
  debug.debug(DEBUG_INFO, what);
  const reset = (): void => runtimeServices.resetSystem('EfiResetCold', 'EFI_SUCCESS');
  switch (status) {
    case 'EfiDriverHealthStatusRepairRequired':
      attempt(debug, what, () => health.repair(controller, child));
      return 'treated';
    case 'EfiDriverHealthStatusReconnectRequired':
      // who cannot be disconnected needs a reset
      if (!attempt(debug, what, () => bs.disconnectController(controller))) reset();
      attempt(debug, what, () => bs.connectController(controller, undefined, undefined, true));
      return 'treated';
    case 'EfiDriverHealthStatusRebootRequired':
      reset();
      return 'left';
    case 'EfiDriverHealthStatusHealthy':
    case 'EfiDriverHealthStatusFailed':
    case 'EfiDriverHealthStatusConfigurationRequired':
    default:
      // it has failed, or somebody would have to configure it: nobody is there
      debug.debug(DEBUG_ERROR, `${what}, and nothing can be done`);
      return 'left';
  }
}

/** Who is not well: among all handles those that a driver knows, and among all again their children. */
function patients({ bootServices: bs }: EfiSystemTable): readonly Patient[] {
  const sick = handlesWith(bs, DriverHealthProtocol).flatMap((handle) => {
    const health = opened(bs, handle, DriverHealthProtocol);
    const isWell =
      health === undefined || statusOf(health, undefined) === 'EfiDriverHealthStatusHealthy';
    return isWell ? [] : health;
  });
  // the usual case: nobody has it, or all are well
  if (sick.length === 0) return [];
  const handles = bs.locateHandleBuffer({ type: 'AllHandles' });
  return sick
    .flatMap((health) =>
      handles.flatMap((controller) => {
        const status = statusOf(health, controller);
        if (status === undefined) return [];
        const children = handles.flatMap((child) => {
          const own = statusOf(health, controller, child);
          return own === undefined ? [] : { health, controller, child, status: own };
        });
        return [{ health, controller, child: undefined, status }, ...children];
      }),
    )
    .filter(({ status }) => status !== 'EfiDriverHealthStatusHealthy');
}

/** `undefined` for a controller, or a child, that is not the driver's. */
function statusOf(
  health: EfiDriverHealth,
  controller: EfiHandle | undefined,
  child?: EfiHandle,
): EfiDriverHealthStatus | undefined {
  try {
    return health.getHealthStatus(controller, child).status;
  } catch (caught) {
    if (isEfiFailure(caught)) return undefined;
    throw caught;
  }
}

/** @returns whether it succeeded */
function attempt(debug: DebugLib, what: string, body: () => void): boolean {
  try {
    body();
    return true;
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    debug.debug(DEBUG_ERROR, `${what}; that failed: ${caught.message}`);
    return false;
  }
}
