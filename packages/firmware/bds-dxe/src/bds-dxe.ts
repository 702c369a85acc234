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
  /** Hears of every attempt, so that a report can tell why an option failed. */
  readonly onAttempt?: (attempt: BootAttempt) => void;
}

/** MdeModulePkg/Universal/BdsDxe with OVMF's PlatformBootManagerLib, as far as they are modelled. */
export function bdsDxe(options: BdsOptions = {}): DxeModule {
  return {
    name: 'BdsDxe',
    fileGuid: guid('6d33944a-ec75-4855-a54d-809c75241f6c'),
    moduleType: 'DXE_DRIVER',
    depex: { op: 'TRUE' },
    entryPoint(imageHandle, systemTable, { debug, quirks, ram }) {
      const entry = (): void => {
        const { bootOptions = [], removableMediaFile = '\\EFI\\BOOT\\BOOTX64.EFI' } = options;
        const manager = new BootManager({
          imageHandle,
          systemTable,
          debug,
          quirks,
          ram,
          removableMediaFile,
          onAttempt: options.onAttempt ?? (() => {}),
        });
        runBootSequence({
          manager,
          systemTable,
          quirks,
          platformOptions: bootOptions,
          removableMediaFile,
        });
      };
      systemTable.bootServices.installProtocolInterface(imageHandle, BdsArchProtocol, { entry });
    },
  };
}
