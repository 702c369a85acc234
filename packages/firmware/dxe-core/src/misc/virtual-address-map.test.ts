import type { EfiMemoryDescriptor } from '@dxelab/uefi';
import {
  EFI_MEMORY_RUNTIME,
  EFI_OPTIONAL_PTR,
  EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE,
  TPL_NOTIFY,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { CoreWorld, statusOf } from '../core/core-world.fixture.ts';

const VIRTUAL = 0x4000_0000_0000;

/** A world at runtime, with two pages of runtime data, and the runtime part of its memory map. */
function atRuntime(profile: 'specification' | 'edk2') {
  const { bs, core } = new CoreWorld(profile);
  const rt = core.systemTable.runtimeServices;
  const data = bs.allocatePages('AllocateAnyPages', 'EfiRuntimeServicesData', 2);
  const heard: number[] = [];
  let pointer = data + 0x123;
  const convert = (): void => {
    heard.push(pointer);
    pointer = rt.convertPointer(0, pointer);
  };
  bs.createEvent(EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE, TPL_NOTIFY, convert, null);
  const map = bs.getMemoryMap();
  const runtime = map.descriptors.filter(
    ({ attribute }) => (attribute & EFI_MEMORY_RUNTIME) !== 0n,
  );
  const virtualMap: EfiMemoryDescriptor[] = runtime.map((range) => ({
    ...range,
    virtualStart: range.physicalStart + VIRTUAL,
  }));
  bs.exitBootServices(core.labImage, map.mapKey);
  return { rt, data, heard, virtualMap, converted: () => pointer };
}

describe.each(PROFILES)('SetVirtualAddressMap and ConvertPointer (UEFI §8.4, %s)', (profile) => {
  test('runtime drivers are notified, and convert what they keep', () => {
    const { rt, data, heard, virtualMap, converted } = atRuntime(profile);
    rt.setVirtualAddressMap(virtualMap);
    expect(heard).toEqual([data + 0x123]);
    expect(converted()).toBe(data + 0x123 + VIRTUAL);
  });

  test('before ExitBootServices, and a second time, it is EFI_UNSUPPORTED (§8.4.1)', () => {
    const { core } = new CoreWorld(profile);
    const before = core.systemTable.runtimeServices;
    expect(statusOf(() => before.setVirtualAddressMap([]))).toBe('EFI_UNSUPPORTED');
    const { rt, virtualMap } = atRuntime(profile);
    rt.setVirtualAddressMap(virtualMap);
    expect(statusOf(() => rt.setVirtualAddressMap(virtualMap))).toBe('EFI_UNSUPPORTED');
  });

  test('a runtime range without a virtual address is EFI_NO_MAPPING; EDK II does not look', () => {
    const { rt, heard } = atRuntime(profile);
    const status = statusOf(() => rt.setVirtualAddressMap([]));
    expect(status).toBe(profile === 'edk2' ? 'EFI_NOT_FOUND' : 'EFI_NO_MAPPING');
    expect(heard).toHaveLength(profile === 'edk2' ? 1 : 0);
  });

  test('a range that is no runtime memory is EFI_NOT_FOUND; EDK II does not look', () => {
    const { rt, virtualMap } = atRuntime(profile);
    const [first] = virtualMap;
    if (first === undefined) throw new Error('there is runtime memory');
    const strange = { ...first, physicalStart: 0x7000_0000_0000, numberOfPages: 1 };
    const status = statusOf(() => rt.setVirtualAddressMap([...virtualMap, strange]));
    expect(status).toBe(profile === 'edk2' ? 'EFI_SUCCESS' : 'EFI_NOT_FOUND');
  });

  test('ranges may be cut otherwise than those of the memory map', () => {
    const { rt, virtualMap, data, converted } = atRuntime(profile);
    const halves = virtualMap.flatMap((range) =>
      range.numberOfPages < 2
        ? [range]
        : [
            { ...range, numberOfPages: 1 },
            {
              ...range,
              physicalStart: range.physicalStart + 4096,
              virtualStart: range.virtualStart + 4096,
              numberOfPages: range.numberOfPages - 1,
            },
          ],
    );
    rt.setVirtualAddressMap(halves);
    expect(converted()).toBe(data + 0x123 + VIRTUAL);
  });

  test('ConvertPointer: 0 only if it is optional, and nothing outside SetVirtualAddressMap (§8.4.2)', () => {
    const { rt, data, virtualMap } = atRuntime(profile);
    expect(rt.convertPointer(EFI_OPTIONAL_PTR, 0)).toBe(0);
    expect(statusOf(() => rt.convertPointer(0, 0))).toBe('EFI_INVALID_PARAMETER');
    expect(statusOf(() => rt.convertPointer(0, data))).toBe('EFI_NOT_FOUND');
    rt.setVirtualAddressMap(virtualMap);
    expect(statusOf(() => rt.convertPointer(0, data))).toBe('EFI_NOT_FOUND');
  });
});
