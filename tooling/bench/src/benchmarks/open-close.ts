import { createLab } from '@dxelab/testing';
import {
  defineProtocol,
  EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
} from '@dxelab/uefi';
import type { Measurement } from '../figure.ts';
import { measureGrowth } from '../growth.ts';
import { timed } from '../measure.ts';

const PAIRS = 20_000;
const Bus = defineProtocol<null>('Bus', '0f0e7c3a-41c5-4f5e-8a6e-5be34a1d0001');

/** OpenProtocol BY_DRIVER and CloseProtocol, on a bus that has so many children open already. */
export function measure(): Measurement {
  return measureGrowth({
    size: 100,
    of: 'children that have the same protocol open',
    mustDo: 'find the record of one agent and one controller among those of the interface',
    world(children) {
      const { bs, core } = createLab({ firmware: [] });
      const agent = core.labImage;
      const bus = bs.installProtocolInterface(undefined, Bus, null);
      for (let child = 0; child < children; child++) {
        const handle = bs.installProtocolInterface(undefined, Bus, null);
        bs.openProtocol(bus, Bus, agent, handle, EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER);
      }
      return () => ({
        operations: PAIRS,
        duration: timed(() => {
          for (let pair = 0; pair < PAIRS; pair++) {
            bs.openProtocol(bus, Bus, agent, bus, EFI_OPEN_PROTOCOL_BY_DRIVER);
            bs.closeProtocol(bus, Bus, agent, bus);
          }
        }),
      });
    },
  });
}
