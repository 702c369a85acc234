import type { EfiMemoryDescriptor, EfiMemoryType } from '@dxelab/uefi';
import type { Check, SctCheck } from '../sct-check.fixture.ts';
import { checksOf, same } from '../sct-check.fixture.ts';
import type { SctWorld } from '../sct-world.fixture.ts';

const PAGE = 0x1000;
const TYPES: readonly EfiMemoryType[] = [
  'EfiLoaderCode',
  'EfiLoaderData',
  'EfiBootServicesCode',
  'EfiBootServicesData',
  'EfiRuntimeServicesCode',
  'EfiRuntimeServicesData',
  'EfiACPIReclaimMemory',
  'EfiACPIMemoryNVS',
];

/** The largest range that is free. */
function freeRange({ bs }: SctWorld): EfiMemoryDescriptor {
  return bs
    .getMemoryMap()
    .descriptors.filter(({ type }) => type === 'EfiConventionalMemory')
    .reduce((best, one) => (one.numberOfPages > best.numberOfPages ? one : best));
}

/** What the map says of an address. */
function typeAt({ bs }: SctWorld, address: number): EfiMemoryType | undefined {
  return bs
    .getMemoryMap()
    .descriptors.find(
      ({ physicalStart, numberOfPages }) =>
        address >= physicalStart && address < physicalStart + numberOfPages * PAGE,
    )?.type;
}

/** Above all that the map knows. */
function beyond({ bs }: SctWorld): number {
  const ends = bs
    .getMemoryMap()
    .descriptors.map(({ physicalStart, numberOfPages }) => physicalStart + numberOfPages * PAGE);
  return Math.max(...ends);
}

/** Takes a part of the largest free range, of each type, and gives it back. */
function part(from: (pages: number) => number, length: (pages: number) => number): Check {
  return (world) => {
    for (const type of TYPES) {
      const { physicalStart, numberOfPages } = freeRange(world);
      // runtime and ACPI memory comes in 64 KiB on some processors, so that the SCT asks for that
      const start = physicalStart + Math.floor(from(numberOfPages) / 16) * 16 * PAGE;
      const pages = Math.max(1, Math.floor(length(numberOfPages)));
      same(world.bs.allocatePages('AllocateAddress', type, pages, start), start);
      same(typeAt(world, start), type);
      same(typeAt(world, start + (pages - 1) * PAGE), type);
      world.bs.freePages(start, pages);
      same(typeAt(world, start), 'EfiConventionalMemory');
    }
  };
}

function eachType(use: (world: SctWorld, type: EfiMemoryType) => void): Check {
  return (world) => {
    for (const type of TYPES) use(world, type);
  };
}

const FREEABLE: Check = eachType(({ bs }, type) => {
  bs.freePages(bs.allocatePages('AllocateAnyPages', type, 1), 1);
});
const POOL: Check = eachType(({ bs }, type) => {
  const buffer = bs.allocatePool(type, 1);
  same(buffer.address % 8, 0);
  bs.freePool(buffer);
});

/** Memory allocation services (UEFI §7.2). */
export const MEMORY_CHECKS: readonly SctCheck[] = [
  ...checksOf('GetMemoryMap', [
    ['conformance 1 to 3', 'no place for what is returned, or too little', 'C'],
    [
      'function 1, 2',
      'another key after each change',
      ({ bs }) => {
        const first = bs.getMemoryMap().mapKey;
        const page = bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 1);
        const second = bs.getMemoryMap().mapKey;
        bs.freePages(page, 1);
        same(new Set([first, second, bs.getMemoryMap().mapKey]).size, 3);
      },
    ],
  ]),
  ...checksOf('AllocatePages', [
    ['conformance 1, 2', 'no place for the address; a type of allocation that is none', 'C'],
    [
      'conformance 3',
      'types of memory that nobody may have',
      (world) => {
        for (const type of ['EfiPersistentMemory', 'EfiUnacceptedMemoryType'] as const) {
          world.expectStatus('EFI_INVALID_PARAMETER', () =>
            world.bs.allocatePages('AllocateAnyPages', type, 1),
          );
        }
      },
    ],
    [
      'conformance 4',
      'more than there is',
      (world) =>
        world.expectStatus('EFI_OUT_OF_RESOURCES', () =>
          world.bs.allocatePages(
            'AllocateAnyPages',
            'EfiBootServicesData',
            freeRange(world).numberOfPages + 1,
          ),
        ),
    ],
    [
      'conformance 5',
      'at an address where there is none',
      (world) =>
        world.expectStatus('EFI_NOT_FOUND', () =>
          world.bs.allocatePages(
            'AllocateAddress',
            'EfiBootServicesData',
            1,
            beyond(world) + 0x100 * PAGE,
          ),
        ),
    ],
    [
      'conformance 6',
      'at an address that somebody has',
      (world) => {
        const page = world.bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 1);
        world.expectStatus('EFI_NOT_FOUND', () =>
          world.bs.allocatePages('AllocateAddress', 'EfiBootServicesData', 1, page),
        );
      },
    ],
    [
      'function 1',
      'AllocateAnyPages, on a page',
      eachType(({ bs }, type) => same(bs.allocatePages('AllocateAnyPages', type, 1) % PAGE, 0)),
    ],
    [
      'function 2, 3',
      'AllocateMaxAddress, below it, on a page',
      eachType((world, type) => {
        const { physicalStart, numberOfPages } = freeRange(world);
        const third = Math.floor(numberOfPages / 3);
        const limit = physicalStart + 2 * third * PAGE;
        const page = world.bs.allocatePages('AllocateMaxAddress', type, third, limit);
        same([page % PAGE, page + third * PAGE - 1 <= limit], [0, true]);
        world.bs.freePages(page, third);
      }),
    ],
    [
      'function 4',
      'AllocateAddress, all of a range',
      part(
        () => 0,
        (pages) => pages,
      ),
    ],
    [
      'function 5',
      'AllocateAddress, its front',
      part(
        () => 0,
        (pages) => pages / 3,
      ),
    ],
    [
      'function 6',
      'AllocateAddress, its middle',
      part(
        (pages) => pages / 3,
        (pages) => pages / 3,
      ),
    ],
    [
      'function 7',
      'AllocateAddress, its back',
      part(
        (pages) => (2 * pages) / 3,
        (pages) => pages / 3,
      ),
    ],
    [
      'function 8',
      'AllocateAddress, one page',
      part(
        () => 0,
        () => 1,
      ),
    ],
    [
      'function 9',
      'AllocateAddress, all but one page',
      part(
        () => 0,
        (pages) => pages - 1,
      ),
    ],
  ]),
  ...checksOf('FreePages', [
    [
      'conformance 1',
      'at an address where there is none',
      (world) => world.expectStatus('EFI_NOT_FOUND', () => world.bs.freePages(beyond(world), 1)),
    ],
    [
      'conformance 2',
      'what nobody has',
      (world) =>
        world.expectStatus('EFI_NOT_FOUND', () =>
          world.bs.freePages(freeRange(world).physicalStart, 1),
        ),
    ],
    [
      'conformance 3',
      'an address within a page',
      (world) => {
        const pages = world.bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 2);
        world.expectStatus('EFI_INVALID_PARAMETER', () => world.bs.freePages(pages + 1, 1));
      },
    ],
    ['function 1', 'a page of each type', FREEABLE],
  ]),
  ...checksOf('AllocatePool', [
    ['conformance 1', 'no place for the buffer', 'C'],
    [
      'conformance 2',
      'a type of memory that nobody may have',
      (world) =>
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.allocatePool('EfiPersistentMemory', 1),
        ),
    ],
    [
      'conformance 3',
      'more than there is',
      (world) =>
        world.expectStatus('EFI_OUT_OF_RESOURCES', () =>
          world.bs.allocatePool('EfiBootServicesData', (freeRange(world).numberOfPages + 1) * PAGE),
        ),
    ],
    ['function 1', 'a byte of each type', POOL],
  ]),
  ...checksOf('FreePool', [
    ['conformance 1', 'no buffer', 'C'],
    ['function 1', 'a byte of each type', POOL],
  ]),
];
