import type { EfiMemoryDescriptor } from '@dxelab/uefi';
import {
  EFI_MEMORY_RUNTIME,
  EFI_OPTIONAL_PTR,
  EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE,
  TPL_NOTIFY,
} from '@dxelab/uefi';
import type { ServicesWorld } from '../services-world.fixture.ts';
import type { StatusCase, UnprovokedStatus } from '../status-case.fixture.ts';
import { casesOf } from '../status-case.fixture.ts';

/** Ends boot services; what of the memory map needs virtual addresses. */
function exited({ bs, agent }: ServicesWorld): readonly EfiMemoryDescriptor[] {
  bs.allocatePages('AllocateAnyPages', 'EfiRuntimeServicesData', 1);
  const { descriptors, mapKey } = bs.getMemoryMap();
  bs.exitBootServices(agent, mapKey);
  return descriptors.filter(({ attribute }) => (attribute & EFI_MEMORY_RUNTIME) !== 0n);
}

/** Virtual memory services (UEFI §8.4). */
export const VIRTUAL_MEMORY_CASES: readonly StatusCase[] = [
  ...casesOf('SetVirtualAddressMap', [
    {
      status: 'EFI_SUCCESS',
      how: 'all of runtime memory, after ExitBootServices',
      provoke: (world) => world.rt.setVirtualAddressMap(exited(world)),
    },
    {
      status: 'EFI_NOT_FOUND',
      how: 'a range that is no runtime memory',
      profile: 'specification',
      provoke: (world) => {
        const map = exited(world);
        const strange = map.map((range) => ({
          ...range,
          physicalStart: range.physicalStart + 2 ** 40,
        }));
        world.rt.setVirtualAddressMap([...map, ...strange]);
      },
    },
    {
      status: 'EFI_NO_MAPPING',
      how: 'without a range of runtime memory',
      profile: 'specification',
      provoke: (world) => world.rt.setVirtualAddressMap(exited(world).slice(1)),
    },
    {
      status: 'EFI_UNSUPPORTED',
      how: 'while boot services exist',
      provoke: ({ rt }) => rt.setVirtualAddressMap([]),
    },
  ]),
  ...casesOf('ConvertPointer', [
    {
      status: 'EFI_SUCCESS',
      how: 'an address of runtime memory, in a notification of the change',
      provoke: (world) => {
        const { bs, rt } = world;
        const address = bs.allocatePages('AllocateAnyPages', 'EfiRuntimeServicesData', 1);
        const convert = (): void => void rt.convertPointer(0, address);
        bs.createEvent(EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE, TPL_NOTIFY, convert, null);
        rt.setVirtualAddressMap(exited(world));
      },
    },
    {
      status: 'EFI_NOT_FOUND',
      how: 'an address of no runtime memory',
      provoke: ({ rt }) => rt.convertPointer(EFI_OPTIONAL_PTR, 0x1000),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: '0, which is not optional',
      provoke: ({ rt }) => rt.convertPointer(0, 0),
    },
  ]),
];

export const VIRTUAL_MEMORY_UNPROVOKED: readonly UnprovokedStatus[] = [
  { service: 'SetVirtualAddressMap', status: 'EFI_INVALID_PARAMETER', why: 'C' },
  { service: 'ConvertPointer', status: 'EFI_UNSUPPORTED', why: 'rt-properties' },
];
