import { EFI_GLOBAL_VARIABLE, guid, writeLoadOptionOrder } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { MemoryStorage, VariableStore } from '@dxelab/variable-runtime-dxe';
import { describe, expect, test } from 'vitest';
import type { Running } from '../boot/programs.fixture.ts';
import {
  bootWith,
  FIRST,
  flash,
  NV_BS_RT,
  option,
  ordered,
  stored,
} from './boot-variables.fixture.ts';

const VENDOR = guid('837dca9e-e874-4d82-b29a-23fe0e23d1e2');
const REBOOTS = 100;

describe.each(PROFILES)('A hundred reboots over one store, %s', { timeout: 60_000 }, (profile) => {
  test('leave it consistent: what lasts was counted, what does not is gone (UEFI §8.2.3)', () => {
    const storage = flash({ ...ordered('Boot', option(FIRST)), Boot0042: option(FIRST) });
    /** A loader that counts boots, and has every other one go through BootNext. */
    const look = ({ systemTable: { runtimeServices: rs } }: Running): number => {
      const before = countOf(storage);
      rs.setVariable('Count', VENDOR, NV_BS_RT, Uint8Array.of(before + 1));
      rs.setVariable('Ballast', VENDOR, NV_BS_RT, new Uint8Array(3000).fill(before));
      rs.setVariable('Volatile', VENDOR, NV_BS_RT & ~1, Uint8Array.of(1));
      if (before % 2 === 0) {
        rs.setVariable('BootNext', EFI_GLOBAL_VARIABLE, NV_BS_RT, writeLoadOptionOrder([0x42]));
      }
      return rs.getVariable('BootCurrent', EFI_GLOBAL_VARIABLE).data[0] ?? -1;
    };
    const currents: unknown[] = [];
    for (let boot = 0; boot < REBOOTS; boot += 1) {
      const before = countOf(storage);
      let first: unknown;
      bootWith(profile, storage, (running) => {
        // the loader of the first option that runs counts; what is tried behind it does not
        first ??= look(running);
      });
      currents.push(first);
      expect(countOf(storage)).toBe(before + 1);
    }
    expect(currents).toEqual(Array.from({ length: REBOOTS }, (_, boot) => (boot % 2) * 0x42));
    const { variables } = new VariableStore(new MemoryStorage(storage.bytes.slice()));
    const names = [...variables].map(({ name }) => name).toSorted();
    const consoles = ['ConIn', 'ConOut', 'ErrOut', 'PlatformLang'];
    const lasting = ['Ballast', 'Boot0000', 'Boot0042', 'BootOrder', ...consoles, 'Count', 'MTC'];
    const others = profile === 'edk2' ? ['Lang', 'Timeout'] : [];
    expect(names).toEqual([...lasting, ...others].toSorted());
    // the upper half of the monotonic count, which each boot raises by one (§8.5.2)
    const count = [...variables].find(({ name }) => name === 'MTC');
    expect([...(count?.data ?? [])]).toEqual([REBOOTS, 0, 0, 0]);
    expect(stored(storage, 'BootOrder')).toEqual(writeLoadOptionOrder([0]));
  });
});

function countOf(storage: MemoryStorage): number {
  const { variables } = new VariableStore(new MemoryStorage(storage.bytes.slice()));
  return variables.get('Count', VENDOR)?.data[0] ?? 0;
}
