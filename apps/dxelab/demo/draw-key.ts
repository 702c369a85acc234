import {
  EFI_RNG_ALGORITHM_RAW,
  EVT_NOTIFY_SIGNAL,
  guid,
  RngProtocol,
  TPL_CALLBACK,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { DEBUG_INFO } from '@dxelab/uefi-lib';

/** Draws a key from each source of entropy that comes up, and says it. */
export const drawKey: DxeModule = {
  name: 'DrawKey',
  fileGuid: guid('64e1ab00-0000-4000-8000-000000000011'),
  moduleType: 'DXE_DRIVER',
  depex: { op: 'TRUE' },
  entryPoint(_imageHandle, { bootServices: bs }, { debug }) {
    const installed = bs.createEvent(
      EVT_NOTIFY_SIGNAL,
      TPL_CALLBACK,
      () => {
        const key = new Uint8Array(16);
        bs.locateProtocol(RngProtocol, registration).getRng(EFI_RNG_ALGORITHM_RAW, key);
        debug.debug(
          DEBUG_INFO,
          Array.from(key, (byte) => byte.toString(16).padStart(2, '0')).join(''),
        );
      },
      undefined,
    );
    const registration = bs.registerProtocolNotify(RngProtocol, installed);
  },
};
