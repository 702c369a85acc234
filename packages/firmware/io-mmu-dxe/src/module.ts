import type { EfiBootServices } from '@dxelab/uefi';
import {
  EdkiiIoMmuProtocol,
  EVT_NOTIFY_SIGNAL,
  EVT_SIGNAL_EXIT_BOOT_SERVICES,
  guid,
  IoMmuAbsentProtocol,
  isEfiFailure,
  TPL_CALLBACK,
} from '@dxelab/uefi';
import type { DebugLib, DxeModule } from '@dxelab/uefi-lib';
import { DEBUG_WARN } from '@dxelab/uefi-lib';
import { IoMmu } from './io-mmu.ts';
import { PageSharing } from './page-sharing.ts';
import { ioMmuQuirks } from './quirks.ts';
import { ReservedPool } from './reserved-pool.ts';

/**
 * OvmfPkg/IoMmuDxe/IoMmuDxe.inf: EDKII_IOMMU_PROTOCOL where memory is private, as the HOBs say, and
 * elsewhere word that there is none.
 */
export const ioMmuDxe: DxeModule = {
  name: 'IoMmuDxe',
  fileGuid: guid('8657015b-ea43-440d-949a-af3be365c0fc'),
  moduleType: 'DXE_DRIVER',
  depex: { op: 'TRUE' },
  hardware: true,
  entryPoint(_imageHandle, { bootServices: bs }, { platform, ram, debug, quirks }) {
    const { privateMemory } = platform.hobs;
    if (privateMemory === undefined) {
      bs.installProtocolInterface(undefined, IoMmuAbsentProtocol, null);
      return;
    }
    const sharing = new PageSharing(platform.mmio, privateMemory.registers);
    const asked = ioMmuQuirks(quirks);
    const pool = asked.reservedPool ? reservedPool(bs, sharing, debug) : undefined;
    const ioMmu = new IoMmu({ bs, ram, sharing, debug, quirks: asked, pool });
    unmapAtExit(bs, ioMmu);
    bs.installProtocolInterface(undefined, EdkiiIoMmuProtocol, ioMmu);
  },
};

/** Without room for the pool every mapping shares pages of its own. */
function reservedPool(
  bs: EfiBootServices,
  sharing: PageSharing,
  debug: DebugLib,
): ReservedPool | undefined {
  try {
    return new ReservedPool(bs, sharing);
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    debug.debug(DEBUG_WARN, `no reserved pool: ${caught.message}`);
    return undefined;
  }
}

/**
 * IoMmuExitBoot: drivers stop their devices in handlers of ExitBootServices, in no order that is known.
 * All those of one level are queued by then, so that an event that is signalled now comes after them.
 */
function unmapAtExit(bs: EfiBootServices, ioMmu: IoMmu): void {
  const unmapAll = bs.createEvent(
    EVT_NOTIFY_SIGNAL,
    TPL_CALLBACK,
    () => ioMmu.unmapAll(),
    undefined,
  );
  bs.createEvent(
    EVT_SIGNAL_EXIT_BOOT_SERVICES,
    TPL_CALLBACK,
    () => bs.signalEvent(unmapAll),
    undefined,
  );
}
