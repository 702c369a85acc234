import type * as virtioLib from '@dxelab/virtio-lib';
import type { DebugLib } from '@dxelab/uefi-lib';
import { DEBUG_VERBOSE } from '@dxelab/uefi-lib';

/** What a driver does with a ring: the part of VirtioLib of which there are two here. */
export interface RingLibrary {
  readonly virtioPrepare: typeof virtioLib.virtioPrepare;
  readonly virtioAppendDesc: typeof virtioLib.virtioAppendDesc;
  readonly virtioFlush: (...request: Parameters<typeof virtioLib.virtioFlush>) => unknown;
}

/** The same library, which says with DEBUG what is appended. */
export function sayingSo(library: RingLibrary, debug: DebugLib): RingLibrary {
  return {
    ...library,
    virtioAppendDesc(ring, bufferDeviceAddress, bufferSize, flags, indices) {
      const address = bufferDeviceAddress.toString(16).toUpperCase();
      const { headDescIdx, nextDescIdx } = indices;
      debug.debug(
        DEBUG_VERBOSE,
        `VirtioAppendDesc PhysAddr=${address} Size=${bufferSize} Flags=${flags} Head=${headDescIdx} Next=${nextDescIdx}`,
      );
      library.virtioAppendDesc(ring, bufferDeviceAddress, bufferSize, flags, indices);
    },
  };
}
