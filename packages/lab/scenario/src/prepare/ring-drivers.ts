import type { DxeModule } from '@dxelab/uefi-lib';
import { virtioBlkDxeWith } from '@dxelab/virtio-blk-dxe';
import type { VirtioRingOptions } from '@dxelab/virtio-lib';
import { virtioRngDxeWith } from '@dxelab/virtio-rng-dxe';
import { virtioScsiDxeWith } from '@dxelab/virtio-scsi-dxe';
import type { RingDriverName } from '../rings-input.ts';
import { RING_DRIVERS } from '../rings-input.ts';
import type { Scenario } from '../scenario.ts';
import { ScenarioError } from '../source/scenario-error.ts';

const MAKERS: Readonly<
  Record<RingDriverName, (options: { ring: VirtioRingOptions }) => DxeModule>
> = {
  VirtioBlkDxe: virtioBlkDxeWith,
  VirtioScsiDxe: virtioScsiDxeWith,
  VirtioRngDxe: virtioRngDxeWith,
};

/**
 * The drivers of a scenario, with the rings that it asks for: such a driver comes behind `ovmf`, and takes
 * the place of OVMF's.
 * @throws ScenarioError at the rings of a driver that is not there, or that one of the user's own replaces
 */
export function withRings(
  { firmware: { rings }, source }: Scenario,
  drivers: readonly (DxeModule | 'ovmf')[],
): readonly (DxeModule | 'ovmf')[] {
  const ours = RING_DRIVERS.flatMap((name) => {
    const ring = rings[name];
    return ring === undefined ? [] : MAKERS[name]({ ring });
  });
  const all = drivers.flatMap((driver) => (driver === 'ovmf' ? [driver, ...ours] : [driver]));
  const modules = all.filter((driver) => driver !== 'ovmf');
  for (const driver of ours) {
    const last = modules.findLast(({ fileGuid }) => fileGuid === driver.fileGuid);
    if (last === driver) continue;
    const why =
      last === undefined
        ? "'ovmf', which has it, is not among the drivers"
        : 'a driver of your own takes its place, and has rings of its own';
    const place = ['firmware', 'rings', driver.name];
    const message = `rings of ${driver.name}, which does not run: ${why}`;
    throw new ScenarioError([source.problem(place, message, 'key')]);
  }
  return all;
}
