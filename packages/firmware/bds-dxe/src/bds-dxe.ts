import type { Guid } from '@dxelab/uefi';
import { BdsArchProtocol, guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { BootManager } from './boot-manager.ts';
import type { BootAttempt, BootOption } from './boot-option.ts';
import { runBootSequence } from './boot-sequence.ts';

/** What the platform has to say about booting. */
export interface BdsOptions {
  /**
   * Tried in this order, behind BootNext and before the options of BootOrder. When none is left, the
   * removable-media file of every volume is tried.
   */
  readonly bootOptions?: readonly BootOption[];
  /** UEFI §3.5.1.1, Table 3.4: one file name for each machine type. */
  readonly removableMediaFile?: string;
  /**
   * Whether somebody may still type, now or later. Where nobody does, a wait for a key is given up, and there is
   * no menu to go back to. Default: nobody does.
   */
  readonly mayBeTyped?: () => boolean;
  /** FILE_GUID of the application in the firmware volume that is the boot menu. Default: there is none. */
  readonly menuFile?: Guid;
  /** Hears of every attempt, so that a report can tell why an option failed. */
  readonly onAttempt?: (attempt: BootAttempt) => void;
}

/** Where nobody says anything else: that of X64. */
export const REMOVABLE_MEDIA_FILE = '\\EFI\\BOOT\\BOOTX64.EFI';

/** MdeModulePkg/Universal/BdsDxe with OVMF's PlatformBootManagerLib, as far as they are modelled. */
export function bdsDxe(options: BdsOptions = {}): DxeModule {
  return {
    name: 'BdsDxe',
    fileGuid: guid('6d33944a-ec75-4855-a54d-809c75241f6c'),
    moduleType: 'DXE_DRIVER',
    depex: { op: 'TRUE' },
    entryPoint(imageHandle, systemTable, { debug, quirks, ram }) {
      const entry = (): string | undefined => {
        const { bootOptions = [], removableMediaFile = REMOVABLE_MEDIA_FILE, menuFile } = options;
        const manager = new BootManager({
          imageHandle,
          systemTable,
          debug,
          quirks,
          ram,
          removableMediaFile,
          menuFile,
          onAttempt: options.onAttempt ?? (() => {}),
        });
        return runBootSequence({
          manager,
          systemTable,
          debug,
          quirks,
          menuFile,
          platformOptions: bootOptions,
          removableMediaFile,
          mayBeTyped: options.mayBeTyped ?? (() => false),
        });
      };
      systemTable.bootServices.installProtocolInterface(imageHandle, BdsArchProtocol, { entry });
    },
  };
}
