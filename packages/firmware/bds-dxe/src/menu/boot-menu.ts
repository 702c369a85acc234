import type { EfiRuntimeServices, EfiSystemTable, Guid, HotKey } from '@dxelab/uefi';
import {
  crc32,
  LOAD_OPTION_ACTIVE,
  LOAD_OPTION_CATEGORY_APP,
  LOAD_OPTION_HIDDEN,
  loadOptionName,
  SCAN_ESC,
  SCAN_F1,
} from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { BootManager } from '../boot-manager.ts';
import type { BootOption } from '../boot-option.ts';
import type { HotKeys } from '../hot-keys/hot-keys.ts';
import { print } from '../print.ts';
import { addBootOption } from '../variables/boot-numbers.ts';
import { readGlobal } from '../variables/global-variables.ts';
import { addKeyOption } from '../variables/key-options.ts';
import { readOrderedOptions } from '../variables/load-options.ts';
import { readKeys, waitForKey } from '../wait-for-key.ts';
import { firmwareFilePath, isMenu } from './menu-file.ts';

/** OVMF's keys for it: F2 and Escape. */
const KEYS: readonly HotKey[] = [
  { scanCode: SCAN_F1 + 1, unicodeChar: 0 },
  { scanCode: SCAN_ESC, unicodeChar: 0 },
];

/** What the menu is made of. */
export interface BootMenuContext {
  readonly manager: BootManager;
  readonly systemTable: EfiSystemTable;
  readonly quirks: Quirks;
  readonly mayBeTyped: () => boolean;
  /** FILE_GUID of its application; without, there is no menu. */
  readonly menuFile: Guid | undefined;
}

/**
 * The boot menu (UEFI §3.1.1), an application of the firmware volume, and the ways to it: its hot keys, an option
 * that ran successfully, and that there is nothing else. UefiBootManagerLib/BmBoot.c, BmRegisterBootManagerMenu;
 * OvmfPkg/Library/PlatformBootManagerLib/BdsPlatform.c.
 */
export class BootMenu {
  readonly #context: BootMenuContext;
  #option: BootOption | undefined;

  constructor(context: BootMenuContext) {
    this.#context = context;
    const { menuFile } = context;
    this.#option = menuFile && {
      description: 'BootManagerMenuApp',
      attributes: LOAD_OPTION_ACTIVE | LOAD_OPTION_HIDDEN | LOAD_OPTION_CATEGORY_APP,
      devicePath: firmwareFilePath(menuFile),
    };
  }

  /** Whether there is one at all. */
  get isThere(): boolean {
    return this.#option !== undefined;
  }

  /** Whether it can be shown to somebody: what UEFI calls an interactive mode. */
  get isUsable(): boolean {
    return this.isThere && this.#context.mayBeTyped();
  }

  /** Gives it a Boot#### and its keys a Key#### for good, unless they have them. */
  register(): void {
    const { systemTable, quirks, menuFile } = this.#context;
    const { runtimeServices: rs } = systemTable;
    if (this.#option === undefined) return;
    const known = readOrderedOptions(rs, 'Boot').find((option) => isMenu(option, menuFile));
    const number = known?.number ?? addBootOption(rs, this.#option, quirks);
    if (number === undefined) return;
    this.#option = known ?? { ...this.#option, number };
    this.#addKeys(rs, number);
  }

  /** Listens for its keys, where no Key#### says so and somebody may press them. */
  listen(hotKeys: HotKeys): void {
    if (!this.isUsable || this.#option?.number !== undefined) return;
    for (const key of KEYS) {
      hotKeys.add({ keys: [key], modifiers: [], option: () => this.#option });
    }
  }

  /** Shows it. @returns whether it was left by a key: not if nobody types, or if it cannot be started */
  show(): boolean {
    return this.#option !== undefined && this.#context.manager.boot(this.#option) === 'ran';
  }

  /** The last resort when there was nothing to boot: PlatformBootManagerUnableToBoot. It may return. */
  offer(): void {
    const { systemTable, mayBeTyped } = this.#context;
    print(
      systemTable,
      'BdsDxe: No bootable option or device was found.\r\n' +
        'BdsDxe: Press any key to enter the Boot Manager Menu.\r\n',
    );
    if (!waitForKey(systemTable, mayBeTyped)) return;
    readKeys(systemTable.conIn);
    while (this.show());
  }

  #addKeys(rs: EfiRuntimeServices, bootOption: number): void {
    const data = readGlobal(rs, loadOptionName('Boot', bootOption));
    if (data === undefined) return;
    const bootOptionCrc = crc32(data);
    for (const key of KEYS) {
      addKeyOption(rs, { revision: 0, modifiers: [], bootOption, bootOptionCrc, keys: [key] });
    }
  }
}
