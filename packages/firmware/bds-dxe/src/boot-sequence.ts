import type { EfiSystemTable } from '@dxelab/uefi';
import { EFI_BOOT_OPTION_SUPPORT_SYSPREP, LOAD_OPTION_FORCE_RECONNECT } from '@dxelab/uefi';
import type { BootManager } from './boot-manager.ts';
import type { BootOption } from './boot-option.ts';
import { connectAll, connectRootBridges, disconnectAll } from './connect.ts';
import { connectVirtioRng } from './connect-virtio-rng.ts';
import { writeVolatileGlobal } from './variables/global-variables.ts';
import { isAutomatic, readOrderedOptions, takeBootNext } from './variables/load-options.ts';
import { waitTimeout } from './variables/wait-timeout.ts';

/**
 * What is done in which order, from the root bridges to the last option (UEFI §3.1.1, §3.1.2;
 * MdeModulePkg/Universal/BdsDxe/BdsEntry.c). It returns when nothing is left to try: without a menu to
 * go back to, an option that returns makes room for the next.
 * @param platformOptions what the platform wants to boot, before the options of BootOrder
 */
export function runBootSequence(
  manager: BootManager,
  systemTable: EfiSystemTable,
  platformOptions: readonly BootOption[],
): void {
  const { bootServices: bs, runtimeServices: rs } = systemTable;
  tellWhatIsSupported(systemTable);
  connectRootBridges(bs);
  connectVirtioRng(bs);
  startDrivers(manager, systemTable);
  for (const option of readOrderedOptions(rs, 'SysPrep')) manager.process(option);
  waitTimeout(bs, rs);
  const bootNext = takeBootNext(rs);
  if (bootNext !== undefined) manager.boot(bootNext);
  for (const option of platformOptions) manager.boot(option);
  for (const option of readOrderedOptions(rs, 'Boot'))
    if (isAutomatic(option)) manager.boot(option);
  manager.bootRemovableMedia();
}

/** Driver####: when one of them asks for it, all other drivers make room and are connected anew. */
function startDrivers(
  manager: BootManager,
  { bootServices, runtimeServices }: EfiSystemTable,
): void {
  const started = readOrderedOptions(runtimeServices, 'Driver').filter((one) =>
    manager.process(one),
  );
  const wantsReconnect = started.some(
    ({ attributes }) => (attributes & LOAD_OPTION_FORCE_RECONNECT) !== 0,
  );
  if (!wantsReconnect) return;
  disconnectAll(bootServices);
  connectAll(bootServices);
}

/** BootOptionSupport and OsIndicationsSupported (UEFI §3.3): no hot keys, no indications. */
function tellWhatIsSupported({ runtimeServices: rs }: EfiSystemTable): void {
  const support = new Uint8Array(4);
  support[0] = EFI_BOOT_OPTION_SUPPORT_SYSPREP;
  writeVolatileGlobal(rs, 'BootOptionSupport', support);
  writeVolatileGlobal(rs, 'OsIndicationsSupported', new Uint8Array(8));
}
