import type { StatusCase, UnprovokedStatus } from '../status-case.fixture.ts';
import { casesOf } from '../status-case.fixture.ts';

/** In pages: more than the machine has. */
const TOO_MANY = 0x100000;

/** Memory services (UEFI §7.2). */
export const MEMORY_CASES: readonly StatusCase[] = [
  ...casesOf('AllocatePages', [
    {
      status: 'EFI_SUCCESS',
      how: 'a page, wherever there is one',
      provoke: ({ bs }) => bs.allocatePages('AllocateAnyPages', 'EfiLoaderData', 1),
    },
    {
      status: 'EFI_OUT_OF_RESOURCES',
      how: 'more pages than there are',
      provoke: ({ bs }) => bs.allocatePages('AllocateAnyPages', 'EfiLoaderData', TOO_MANY),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'of type EfiPersistentMemory',
      provoke: ({ bs }) => bs.allocatePages('AllocateAnyPages', 'EfiPersistentMemory', 1),
    },
    {
      status: 'EFI_NOT_FOUND',
      how: 'at an address where there is no RAM',
      provoke: ({ bs }) => bs.allocatePages('AllocateAddress', 'EfiLoaderData', 1, 0x10_0000_0000),
    },
  ]),
  ...casesOf('FreePages', [
    {
      status: 'EFI_SUCCESS',
      how: 'pages that were allocated',
      provoke: ({ bs }) =>
        bs.freePages(bs.allocatePages('AllocateAnyPages', 'EfiLoaderData', 1), 1),
    },
    {
      status: 'EFI_NOT_FOUND',
      how: 'pages that nobody has allocated',
      provoke: ({ bs }) => bs.freePages(0x10_0000_0000, 1),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'an address within a page',
      provoke: ({ bs }) =>
        bs.freePages(bs.allocatePages('AllocateAnyPages', 'EfiLoaderData', 1) + 8, 1),
    },
  ]),
  ...casesOf('GetMemoryMap', [
    { status: 'EFI_SUCCESS', how: 'at any time', provoke: ({ bs }) => bs.getMemoryMap() },
  ]),
  ...casesOf('AllocatePool', [
    {
      status: 'EFI_SUCCESS',
      how: '8 bytes',
      provoke: ({ bs }) => bs.allocatePool('EfiBootServicesData', 8),
    },
    {
      status: 'EFI_OUT_OF_RESOURCES',
      how: 'more bytes than there are',
      provoke: ({ bs }) => bs.allocatePool('EfiBootServicesData', TOO_MANY * 4096),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'of type EfiPersistentMemory',
      provoke: ({ bs }) => bs.allocatePool('EfiPersistentMemory', 8),
    },
  ]),
  ...casesOf('FreePool', [
    {
      status: 'EFI_SUCCESS',
      how: 'what AllocatePool returned',
      provoke: ({ bs }) => bs.freePool(bs.allocatePool('EfiBootServicesData', 8)),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'the same a second time',
      provoke: ({ bs }) => {
        const buffer = bs.allocatePool('EfiBootServicesData', 8);
        bs.freePool(buffer);
        bs.freePool(buffer);
      },
    },
  ]),
];

export const MEMORY_UNPROVOKED: readonly UnprovokedStatus[] = [
  { service: 'GetMemoryMap', status: 'EFI_BUFFER_TOO_SMALL', why: 'C' },
  { service: 'GetMemoryMap', status: 'EFI_INVALID_PARAMETER', why: 'C' },
];
