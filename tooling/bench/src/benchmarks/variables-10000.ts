import { createLab } from '@dxelab/testing';
import {
  EFI_VARIABLE_BOOTSERVICE_ACCESS,
  EFI_VARIABLE_NON_VOLATILE,
  guid,
  type EfiRuntimeServices,
} from '@dxelab/uefi';
import { MemoryStorage, variableRuntimeDxe } from '@dxelab/variable-runtime-dxe';
import type { Measurement } from '../figure.ts';
import { measureGrowth } from '../growth.ts';
import { timed } from '../measure.ts';

const ROUND = 10_000;
const ATTRIBUTES = EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS;
const VENDOR = guid('837dca9e-e874-4d82-b29a-23fe0e23d1e2');
/** In bytes, of the store, for each variable: for four copies of it, of which one counts; and the spare area. */
const ROOM = 1024;
const BLOCK = 8192;
/** Prime, so that a walk in such steps comes by all of them. */
const STEP = 7919;

/** GetVariable and SetVariable of one variable among so many, each of a few bytes, all of which stay. */
export function measure(): Measurement {
  return measureGrowth({
    size: 100,
    of: 'variables',
    mustDo:
      'find one by its name, and write a record behind the last; that deleted records are cleared away costs all of them, but only once for all that fit in their place',
    world(size) {
      const rs = services(size);
      const names = Array.from({ length: size }, (_, number) => `Variable${number}`);
      for (const name of names) rs.setVariable(name, VENDOR, ATTRIBUTES, new Uint8Array(8));
      const data = new Uint8Array(8);
      let at = 0;
      return () => ({
        operations: ROUND,
        duration: timed(() => {
          for (let pair = 0; pair < ROUND; pair += 1) {
            at = (at + STEP) % size;
            const name = names[at] ?? '';
            data[0] = rs.getVariable(name, VENDOR).data[0] ?? 0;
            data[0] += 1;
            rs.setVariable(name, VENDOR, ATTRIBUTES, data);
          }
        }),
      });
    },
  });
}

function services(size: number): EfiRuntimeServices {
  const storage = new MemoryStorage(Math.max(6, Math.ceil((size * ROOM) / BLOCK)) * BLOCK);
  return createLab({ firmware: [variableRuntimeDxe({ storage })] }).core.systemTable
    .runtimeServices;
}
