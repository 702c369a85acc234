import type { DxeCore } from '@dxelab/dxe-core';
import type { EfiHandle } from '@dxelab/uefi';
import type { DriverTrouble } from './boot-report.ts';
import { devicePathOf } from './device-tree.ts';

/** Drivers that were not dispatched, whose entry point failed or found nothing to do, or whose Start failed. */
export function driverTroubles(
  core: Pick<DxeCore, 'handles' | 'nameOf' | 'moduleFailures' | 'startFailures' | 'undispatched'>,
): readonly DriverTrouble[] {
  const snapshots = core.handles();
  const named = (handle: EfiHandle): string => {
    const protocols = snapshots.find((snapshot) => snapshot.handle === handle)?.protocols ?? [];
    return devicePathOf(protocols) ?? `handle ${handle.number}`;
  };
  return [
    ...core.undispatched().map(({ module, unmet }): DriverTrouble => ({
      driver: module.name,
      kind: 'not-dispatched',
      controller: undefined,
      reason: `it waits for ${unmet}`,
    })),
    ...core.moduleFailures().map(({ module, error, reason }): DriverTrouble => ({
      driver: module.name,
      kind: error.status === 'EFI_UNSUPPORTED' ? 'not-needed' : 'entry-failed',
      controller: undefined,
      reason,
    })),
    ...core.startFailures().map(({ driver, controller, error }): DriverTrouble => ({
      driver: core.nameOf(driver.driverBindingHandle) ?? 'an unknown driver',
      kind: 'start-failed',
      controller: named(controller),
      reason: error.message,
    })),
  ];
}
