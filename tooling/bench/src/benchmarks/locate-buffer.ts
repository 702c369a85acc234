import { createLab } from '@dxelab/testing';
import { defineProtocol } from '@dxelab/uefi';
import type { Measurement } from '../figure.ts';
import { measureGrowth } from '../growth.ts';
import { timed } from '../measure.ts';

const FOUND = 10;
const CALLS = 20_000;
const Wanted = defineProtocol<null>('Wanted', '0f0e7c3a-41c5-4f5e-8a6e-5be34a1d0002');
const Other = defineProtocol<null>('Other', '0f0e7c3a-41c5-4f5e-8a6e-5be34a1d0003');

/** LocateHandleBuffer by a protocol that ten handles have, among so many. */
export function measure(): Measurement {
  return measureGrowth({
    size: 1000,
    of: 'handles',
    mustDo: `list the ${FOUND} handles that have the protocol, and none of the others`,
    world(handles) {
      const { bs } = createLab({ firmware: [] });
      for (let handle = 0; handle < handles; handle++) {
        const protocol = handle % (handles / FOUND) === 0 ? Wanted : Other;
        bs.installProtocolInterface(undefined, protocol, null);
      }
      return () => ({
        operations: CALLS,
        duration: timed(() => {
          for (let call = 0; call < CALLS; call++) {
            const { length } = bs.locateHandleBuffer({ type: 'ByProtocol', protocol: Wanted });
            if (length !== FOUND) throw new Error(`${length} handles in place of ${FOUND}`);
          }
        }),
      });
    },
  });
}
