import {
  devicePath,
  devicePathsEqual,
  EFI_END_OF_DXE_EVENT_GROUP,
  filePathNode,
  isDevicePathValid,
  LOAD_OPTION_FORCE_RECONNECT,
} from '@dxelab/uefi';
import type { DebugLib } from '@dxelab/uefi-lib';
import type { BootOption } from './boot-option.ts';
import { refreshBootOptions } from './boot-options/refresh-boot-options.ts';
import { checkVariables } from './check-variables.ts';
import {
  connect,
  connectAll,
  connectDevicePath,
  connectRootBridges,
  disconnectAll,
} from './connect.ts';
import { connectVirtioRng } from './connect-virtio-rng.ts';
import { choosePlatformConsoles, connectDefaultConsoles } from './consoles/platform-consoles.ts';
import { initializeLanguages } from './consoles/platform-languages.ts';
import { HotKeys } from './hot-keys/hot-keys.ts';
import type { BootMenuContext } from './menu/boot-menu.ts';
import { BootMenu } from './menu/boot-menu.ts';
import { isMenu } from './menu/menu-file.ts';
import { signalEventGroup } from './signal-event-group.ts';
import { deleteGlobal } from './variables/global-variables.ts';
import { readKeyOptions } from './variables/key-options.ts';
import {
  isAutomatic,
  readBootNext,
  readNumberedOption,
  readOrderedOptions,
} from './variables/load-options.ts';
import { takeOsIndications } from './variables/os-indications.ts';
import { addDefaultRecovery, readRecoveryOptions } from './variables/recovery-options.ts';
import { readTimeout, waitTimeout } from './variables/wait-timeout.ts';

/** What the sequence is made of. */
export interface BootSequence extends BootMenuContext {
  readonly debug: DebugLib;
  /** What the platform wants to boot, before the options of BootOrder. */
  readonly platformOptions: readonly BootOption[];
  /** Such as `\EFI\BOOT\BOOTX64.EFI`. */
  readonly removableMediaFile: string;
}

/** Why a wait for a key has ended, which no wait on a machine does. */
const NOBODY_TYPES = 'waits for a key that nobody types';

/**
 * What is done in which order, from the root bridges to the last option (UEFI §3.1.1, §3.1.2, §3.4;
 * MdeModulePkg/Universal/BdsDxe/BdsEntry.c with OVMF's PlatformBootManagerLib). It returns when nothing is
 * left to try, and nobody is there to choose.
 * @returns why it has given up, if it was not for want of options
 */
export function runBootSequence(sequence: BootSequence): string | undefined {
  const { manager, systemTable, quirks } = sequence;
  const { bootServices: bs, runtimeServices: rs } = systemTable;
  const menu = new BootMenu(sequence);
  const makesOptions = quirks.has('BdsDxe.DevicesBecomeOptions');
  const recovery = devicePath(filePathNode(sequence.removableMediaFile));
  checkVariables(rs, menu.isThere);
  if (makesOptions) menu.register();
  initializeLanguages(rs, quirks);
  // Known from here on: what drivers write into it now is for the next boot.
  const bootNext = readBootNext(rs);
  addDefaultRecovery(rs, recovery);
  connectRootBridges(bs);
  // From here on there may be code that is not the platform's own (PI Vol. 2 §5.1.2.1).
  signalEventGroup(bs, EFI_END_OF_DXE_EVENT_GROUP);
  connectVirtioRng(bs);
  choosePlatformConsoles(rs);
  const hotKeys = startHotKeys(sequence, menu);
  startDrivers(sequence);
  connectDefaultConsoles(systemTable);
  if (makesOptions) findDevices(sequence);
  const { wantsMenu, wantsRecovery } = takeOsIndications(rs);
  if (wantsMenu) {
    hotKeys.stop();
    if (!menu.show()) return menuGivenUp(sequence);
  }
  if (!wantsRecovery) {
    for (const option of readOrderedOptions(rs, 'SysPrep')) manager.process(option);
    const timeout = readTimeout(rs, quirks);
    if (!waitTimeout({ ...sequence, hotKeys }, timeout)) {
      return `Timeout is 0x${timeout.toString(16)}: BdsDxe ${NOBODY_TYPES}`;
    }
    const isLeft =
      bootHotKey(sequence, hotKeys) &&
      (bootNext === undefined || bootOnce(sequence, menu, bootNext)) &&
      bootOptions(sequence, menu);
    if (!isLeft) return menuGivenUp(sequence);
  }
  // The platform's own way comes last also where there are no variables to say so.
  const others = readRecoveryOptions(rs).filter(
    (option) => !devicePathsEqual(option.devicePath, recovery),
  );
  if (!others.some((option) => manager.recover(option))) manager.bootRemovableMedia();
  if (!menu.isUsable) return undefined;
  menu.offer();
  return sequence.mayBeTyped() ? menuGivenUp(sequence) : `BdsDxe ${NOBODY_TYPES}`;
}

/** Why the menu was not left by a key. */
function menuGivenUp({ mayBeTyped }: BootSequence): string {
  return `the boot menu ${mayBeTyped() ? 'could not be started, or has failed' : NOBODY_TYPES}`;
}

/** EfiBootManagerStartHotkeyService: from here on, keys are heard. */
function startHotKeys({ systemTable, debug }: BootSequence, menu: BootMenu): HotKeys {
  const { runtimeServices: rs } = systemTable;
  const hotKeys = new HotKeys(systemTable, debug);
  for (const { keys, modifiers, bootOption } of readKeyOptions(rs)) {
    const option = (): BootOption | undefined => readNumberedOption(rs, 'Boot', bootOption);
    hotKeys.add({ keys, modifiers, option });
  }
  menu.listen(hotKeys);
  return hotKeys;
}

/** Driver####: when one of them asks for it, all other drivers make room and are connected anew. */
function startDrivers({ manager, systemTable }: BootSequence): void {
  const { bootServices, runtimeServices } = systemTable;
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

/** PlatformBdsConnectSequence: what the platform wants to boot is connected, or else everything; all gets options. */
function findDevices({ systemTable, quirks, platformOptions }: BootSequence): void {
  const { bootServices: bs } = systemTable;
  for (const { devicePath: path } of platformOptions) {
    const device = isDevicePathValid(path) ? connectDevicePath(bs, path) : undefined;
    if (device !== undefined) connect(bs, device, true);
  }
  if (platformOptions.length === 0) connectAll(bs);
  refreshBootOptions(systemTable, quirks);
}

/** What a hot key asked for. @returns false if that was the menu, and nobody is at it */
function bootHotKey({ manager, menuFile }: BootSequence, hotKeys: HotKeys): boolean {
  const pressed = hotKeys.take();
  if (pressed === undefined) return true;
  hotKeys.stop();
  return manager.boot(pressed) === 'ran' || !isMenu(pressed, menuFile);
}

/**
 * BootNext counts for one boot: it is gone before its option gets control.
 * @returns false if nobody is at the menu that came behind it
 */
function bootOnce(sequence: BootSequence, menu: BootMenu, number: number): boolean {
  const { manager, systemTable, menuFile } = sequence;
  const { runtimeServices: rs } = systemTable;
  deleteGlobal(rs, 'BootNext');
  const option = readNumberedOption(rs, 'Boot', number);
  const isBack = option !== undefined && manager.boot(option) === 'ran';
  if (!isBack || isMenu(option, menuFile) || !menu.isUsable) return true;
  return menu.show();
}

/**
 * Tries what the platform wants and what BootOrder names. An option that returns successfully makes room for the
 * menu, and then all begins anew; without a menu, for the next one (UEFI §3.1.1).
 * @returns false if nobody is at the menu
 */
function bootOptions(sequence: BootSequence, menu: BootMenu): boolean {
  const { manager, systemTable, platformOptions } = sequence;
  const tryAll = (): boolean =>
    [
      ...platformOptions,
      ...readOrderedOptions(systemTable.runtimeServices, 'Boot').filter(isAutomatic),
    ].some((option) => manager.boot(option) === 'ran' && menu.isUsable);
  while (tryAll()) {
    if (!menu.show()) return false;
  }
  return true;
}
