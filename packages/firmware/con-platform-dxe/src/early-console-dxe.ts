import type { EfiBootServices, EfiHandle } from '@dxelab/uefi';
import { efiStatusOf, guid, isEfiFailure, SerialIoProtocol } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';

/**
 * Connects serial lines before anybody else is started, so that what a driver says in its entry point is seen, and what
 * it waits for can be typed. OVMF has no such module: there consoles come with BDS, and what was said before is
 * lost (`ConPlatformDxe.OnlyNamedConsoles`).
 */
export const earlyConsoleDxe: DxeModule = {
  name: 'EarlyConsoleDxe',
  fileGuid: guid('5f1cf8a3-39f2-4e9a-9f5c-0d6b8f3b1c47'),
  moduleType: 'UEFI_DRIVER',
  // before others are started, who want a console
  depex: { op: 'TRUE' },
  entryPoint(_imageHandle, { bootServices: bs }, { quirks }) {
    if (quirks.has('ConPlatformDxe.OnlyNamedConsoles')) return;
    for (const handle of serialLines(bs)) {
      try {
        bs.connectController(handle, undefined, undefined, true);
      } catch (caught) {
        // a volume may have no driver for it
        if (!isEfiFailure(caught)) throw caught;
      }
    }
  },
};

function serialLines(bs: EfiBootServices): readonly EfiHandle[] {
  try {
    return bs.locateHandleBuffer({ type: 'ByProtocol', protocol: SerialIoProtocol });
  } catch (caught) {
    if (efiStatusOf(caught) === 'EFI_NOT_FOUND') return [];
    throw caught;
  }
}
