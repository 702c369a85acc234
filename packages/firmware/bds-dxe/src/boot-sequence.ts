import type { EfiSystemTable } from '@dxelab/uefi';
import {
  EFI_BOOT_OPTION_SUPPORT_APP,
  EFI_BOOT_OPTION_SUPPORT_COUNT,
  EFI_BOOT_OPTION_SUPPORT_KEY,
  EFI_BOOT_OPTION_SUPPORT_SYSPREP,
  EFI_END_OF_DXE_EVENT_GROUP,
  filePathNode,
  devicePath,
  devicePathsEqual,
  isDevicePathValid,
  LOAD_OPTION_FORCE_RECONNECT,
} from '@dxelab/uefi';
import type { DebugLib, Quirks } from '@dxelab/uefi-lib';
import type { BootManager } from './boot-manager.ts';
import type { BootOption } from './boot-option.ts';
import { connectAll, connectRootBridges, disconnectAll } from './connect.ts';
import { connectVirtioRng } from './connect-virtio-rng.ts';
import { HotKeys } from './hot-keys/hot-keys.ts';
import { signalEventGroup } from './signal-event-group.ts';
import { deleteGlobal, readGlobal, writeVolatileGlobal } from './variables/global-variables.ts';
import { readKeyOptions } from './variables/key-options.ts';
import {
  isAutomatic,
  readBootNext,
  readNumberedOption,
  readOrderedOptions,
} from './variables/load-options.ts';
import {
  checkOsIndications,
  OS_INDICATIONS_SUPPORTED,
  takeRecoveryIndication,
} from './variables/os-indications.ts';
import { addDefaultRecovery, readRecoveryOptions } from './variables/recovery-options.ts';
import { readTimeout, waitTimeout } from './variables/wait-timeout.ts';

/** What the sequence is made of. */
export interface BootSequence {
  readonly manager: BootManager;
  readonly systemTable: EfiSystemTable;
  readonly debug: DebugLib;
  readonly quirks: Quirks;
  /** What the platform wants to boot, before the options of BootOrder. */
  readonly platformOptions: readonly BootOption[];
  /** Such as `\EFI\BOOT\BOOTX64.EFI`. */
  readonly removableMediaFile: string;
  /** Whether somebody may still type. */
  readonly mayBeTyped: () => boolean;
}

/** Why a wait for a key has ended, which no wait on a machine does. */
const NOBODY_TYPES = 'waits for a key that nobody types';

/**
 * What is done in which order, from the root bridges to the last option (UEFI §3.1.1, §3.1.2, §3.4;
 * MdeModulePkg/Universal/BdsDxe/BdsEntry.c with OVMF's PlatformBootManagerLib). It returns when nothing is
 * left to try: without a menu to go back to, an option that returns makes room for the next.
 * @returns why it has given up, if it was not for want of options
 */
export function runBootSequence(sequence: BootSequence): string | undefined {
  const { manager, systemTable, quirks, platformOptions } = sequence;
  const { bootServices: bs, runtimeServices: rs } = systemTable;
  const recovery = devicePath(filePathNode(sequence.removableMediaFile));
  checkVariables(systemTable);
  // Known from here on: what drivers write into it now is for the next boot.
  const bootNext = readBootNext(rs);
  addDefaultRecovery(rs, recovery);
  connectRootBridges(bs);
  // From here on there may be code that is not the platform's own (PI Vol. 2 §5.1.2.1).
  signalEventGroup(bs, EFI_END_OF_DXE_EVENT_GROUP);
  connectVirtioRng(bs);
  const hotKeys = startHotKeys(sequence);
  startDrivers(manager, systemTable);
  if (!takeRecoveryIndication(rs)) {
    for (const option of readOrderedOptions(rs, 'SysPrep')) manager.process(option);
    const timeout = readTimeout(rs, quirks);
    if (!waitTimeout({ ...sequence, hotKeys }, timeout)) {
      return `Timeout is 0x${timeout.toString(16)}: BdsDxe ${NOBODY_TYPES}`;
    }
    const pressed = hotKeys.take();
    if (pressed !== undefined) manager.boot(pressed);
    if (bootNext !== undefined) bootOnce(manager, systemTable, bootNext);
    for (const option of platformOptions) manager.boot(option);
    for (const option of readOrderedOptions(rs, 'Boot')) {
      if (isAutomatic(option)) manager.boot(option);
    }
  }
  // The platform's own way comes last also where there are no variables to say so.
  const others = readRecoveryOptions(rs).filter(
    (option) => !devicePathsEqual(option.devicePath, recovery),
  );
  if (!others.some((option) => manager.recover(option))) manager.bootRemovableMedia();
  return undefined;
}

/** EfiBootManagerStartHotkeyService: from here on, keys are heard. */
function startHotKeys({ systemTable, debug }: BootSequence): HotKeys {
  const { runtimeServices: rs } = systemTable;
  const hotKeys = new HotKeys(systemTable, debug);
  for (const { keys, modifiers, bootOption } of readKeyOptions(rs)) {
    const option = (): BootOption | undefined => readNumberedOption(rs, 'Boot', bootOption);
    hotKeys.add({ keys, modifiers, option });
  }
  return hotKeys;
}

/** BootNext counts for one boot: it is gone before its option gets control. */
function bootOnce(
  manager: BootManager,
  { runtimeServices: rs }: EfiSystemTable,
  number: number,
): void {
  deleteGlobal(rs, 'BootNext');
  const option = readNumberedOption(rs, 'Boot', number);
  if (option !== undefined) manager.boot(option);
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

/**
 * BootOptionSupport and OsIndicationsSupported (UEFI §3.3): hot keys of up to three keys. What cannot be used of
 * what others have written is deleted.
 */
function checkVariables({ runtimeServices: rs }: EfiSystemTable): void {
  for (const name of ['ConIn', 'ConOut', 'ErrOut']) {
    const path = readGlobal(rs, name);
    if (path !== undefined && !isDevicePathValid(path)) deleteGlobal(rs, name);
  }
  const support =
    EFI_BOOT_OPTION_SUPPORT_KEY |
    EFI_BOOT_OPTION_SUPPORT_APP |
    EFI_BOOT_OPTION_SUPPORT_SYSPREP |
    EFI_BOOT_OPTION_SUPPORT_COUNT;
  writeVolatileGlobal(rs, 'BootOptionSupport', Uint8Array.of(support & 0xff, support >> 8, 0, 0));
  writeVolatileGlobal(rs, 'OsIndicationsSupported', OS_INDICATIONS_SUPPORTED);
  checkOsIndications(rs);
}
