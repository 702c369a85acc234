import type { EfiVariableName } from '@dxelab/uefi';
import { guid } from '@dxelab/uefi';
import { MemoryStorage } from './storage/memory-storage.ts';
import { VariableStore } from './store/variable-store.ts';
import type { VariableServicesOptions } from './variable-services.ts';
import { VariableServices } from './variable-services.ts';

export const VENDOR = guid('837dca9e-e874-4d82-b29a-23fe0e23d1e2');
export const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

/** Services over an empty store, with little room. */
export function services(options: Partial<VariableServicesOptions> = {}): VariableServices {
  return new VariableServices(new VariableStore(new MemoryStorage(0x6000)), {
    maximumVariableSize: 0x400,
    volatileSize: 0x800,
    authenticates: true,
    verify: () => false,
    ...options,
  });
}

/** All names in order. */
export function namesOf(variables: VariableServices): readonly string[] {
  const names: string[] = [];
  for (let at: EfiVariableName | undefined; ;) {
    at = variables.getNextVariableName(at);
    if (at === undefined) return names;
    names.push(at.name);
  }
}
