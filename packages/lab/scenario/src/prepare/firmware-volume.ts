import type { BdsOptions } from '@dxelab/bds-dxe';
import { ovmf } from '@dxelab/ovmf';
import type { DxeModule } from '@dxelab/uefi-lib';
import type { VariableOptions } from '@dxelab/variable-runtime-dxe';

/**
 * The modules of one boot, in the order of their firmware volume. One with the FILE_GUID of an earlier
 * one takes its place, so that a user can replace a driver of OVMF's by one of his own.
 */
export function firmwareVolume(
  drivers: readonly (DxeModule | 'ovmf')[],
  bds: BdsOptions,
  variables: VariableOptions,
): readonly DxeModule[] {
  const volume = new Map<string, DxeModule>();
  for (const driver of drivers) {
    const modules = driver === 'ovmf' ? ovmf(bds, variables) : [driver];
    for (const module of modules) volume.set(module.fileGuid, module);
  }
  return [...volume.values()];
}
