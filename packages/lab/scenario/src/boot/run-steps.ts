import type { DxeCore } from '@dxelab/dxe-core';
import type { EfiBootServices } from '@dxelab/uefi';
import {
  convertTextToDevicePath,
  DevicePathProtocol,
  EfiError,
  isDevicePathEnd,
  isEfiFailure,
} from '@dxelab/uefi';
import type { StepData } from '../scenario.ts';
import { reachDevicePath } from './connect-device-path.ts';

/** A step that could not be done; the boot ends with it. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

/**
 * Does the steps of a scenario, in their order. Where one of them ends the world, what ended it is
 * thrown.
 * @param dispatched called when the drivers' entry points have run
 * @throws StepFailed
 */
export function runSteps(steps: readonly StepData[], core: DxeCore, dispatched: () => void): void {
  core.dispatch();
  dispatched();
  const bs = core.systemTable.bootServices;
  for (const step of steps) {
    try {
      if (step.kind === 'boot') core.run();
      else if (step.kind === 'connect') connect(bs, step.controller);
      else disconnect(bs, step.controller);
    } catch (caught) {
      if (step.kind === 'boot' || !isEfiFailure(caught)) throw caught;
      const what = `${step.kind} ${step.controller ?? 'all'}`;
      throw new StepFailed(`${what}: ${caught.message}`, { cause: caught });
    }
  }
}

function connect(bs: EfiBootServices, controller: string | undefined): void {
  if (controller !== undefined) {
    const handle = reachDevicePath(bs, convertTextToDevicePath(controller));
    bs.connectController(handle, undefined, undefined, true);
    return;
  }
  for (const handle of bs.locateHandleBuffer({ type: 'AllHandles' })) {
    tolerate('EFI_NOT_FOUND', () => bs.connectController(handle, undefined, undefined, true));
  }
}

function disconnect(bs: EfiBootServices, controller: string | undefined): void {
  if (controller !== undefined) {
    const path = convertTextToDevicePath(controller);
    const { handle, remaining } = bs.locateDevicePath(DevicePathProtocol, path);
    if (!isDevicePathEnd(remaining)) throw new EfiError('EFI_NOT_FOUND', 'no handle has this path');
    bs.disconnectController(handle);
    return;
  }
  for (const handle of bs.locateHandleBuffer({ type: 'AllHandles' })) {
    // A handle that went away with its parent is none any more.
    tolerate('EFI_INVALID_PARAMETER', () => bs.disconnectController(handle));
  }
}

function tolerate(status: string, service: () => void): void {
  try {
    service();
  } catch (caught) {
    if (!isEfiFailure(caught) || caught.status !== status) throw caught;
  }
}
