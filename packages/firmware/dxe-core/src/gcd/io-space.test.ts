import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { statusOf } from '../core/core-world.fixture.ts';
import { ADDRESS, GcdWorld, UP } from './gcd-world.fixture.ts';

describe.each(PROFILES)('I/O space (PI Vol. 2 §7.2, %s)', (profile) => {
  const world = (): GcdWorld => new GcdWorld(profile);

  describe('I/O space (§7.2.4.9 to §7.2.4.14)', () => {
    const io = (): GcdWorld => {
      const one = world();
      one.ds.addIoSpace('EfiGcdIoTypeIo', 0x6000, 0x1000);
      one.ds.allocateIoSpace(ADDRESS, 'EfiGcdIoTypeIo', 0, 0x100, 0x6000, one.image);
      return one;
    };
    const given: [string, string, string, (world: GcdWorld) => unknown][] = [
      ['AddIoSpace', 'EFI_SUCCESS', 'new ports', ({ ds }) => ds.addIoSpace('EfiGcdIoTypeIo', 0, 8)],
      [
        'AddIoSpace',
        'EFI_INVALID_PARAMETER',
        'of nothing',
        ({ ds }) => ds.addIoSpace('EfiGcdIoTypeNonExistent', 0, 8),
      ],
      [
        'AddIoSpace',
        'EFI_INVALID_PARAMETER',
        'no length',
        ({ ds }) => ds.addIoSpace('EfiGcdIoTypeIo', 0, 0),
      ],
      [
        'AddIoSpace',
        'EFI_UNSUPPORTED',
        'more than there are',
        ({ ds }) => ds.addIoSpace('EfiGcdIoTypeIo', 0xfff0, 0x11),
      ],
      [
        'AddIoSpace',
        'EFI_ACCESS_DENIED',
        'some that were added',
        ({ ds }) => ds.addIoSpace('EfiGcdIoTypeReserved', 0x5fff, 2),
      ],
      [
        'AllocateIoSpace',
        'EFI_SUCCESS',
        'from the bottom',
        ({ ds, image }) => {
          const base = ds.allocateIoSpace(UP, 'EfiGcdIoTypeIo', 10, 8, undefined, image);
          expect(base).toBe(0x6400);
        },
      ],
      [
        'AllocateIoSpace',
        'EFI_NOT_FOUND',
        'some that are allocated',
        ({ ds, image }) => ds.allocateIoSpace(ADDRESS, 'EfiGcdIoTypeIo', 0, 1, 0x60ff, image),
      ],
      [
        'AllocateIoSpace',
        'EFI_INVALID_PARAMETER',
        'for nobody',
        ({ ds }) => ds.allocateIoSpace(UP, 'EfiGcdIoTypeIo', 0, 8, undefined, undefined),
      ],
      ['FreeIoSpace', 'EFI_SUCCESS', 'allocated', ({ ds }) => ds.freeIoSpace(0x6000, 0x100)],
      ['FreeIoSpace', 'EFI_NOT_FOUND', 'free', ({ ds }) => ds.freeIoSpace(0x6000, 0x101)],
      ['FreeIoSpace', 'EFI_INVALID_PARAMETER', 'none', ({ ds }) => ds.freeIoSpace(0x6000, 0)],
      ['FreeIoSpace', 'EFI_UNSUPPORTED', 'beyond', ({ ds }) => ds.freeIoSpace(0x1_0000, 1)],
      ['RemoveIoSpace', 'EFI_SUCCESS', 'free', ({ ds }) => ds.removeIoSpace(0x6100, 0xf00)],
      ['RemoveIoSpace', 'EFI_ACCESS_DENIED', 'used', ({ ds }) => ds.removeIoSpace(0x60ff, 2)],
      ['RemoveIoSpace', 'EFI_NOT_FOUND', 'never added', ({ ds }) => ds.removeIoSpace(0x6fff, 2)],
      ['RemoveIoSpace', 'EFI_INVALID_PARAMETER', 'none', ({ ds }) => ds.removeIoSpace(0x6100, 0)],
      ['RemoveIoSpace', 'EFI_UNSUPPORTED', 'beyond', ({ ds }) => ds.removeIoSpace(0xffff, 2)],
      [
        'GetIoSpaceDescriptor',
        'EFI_SUCCESS',
        'a port',
        ({ ds, image }) =>
          expect(ds.getIoSpaceDescriptor(0x60ff)).toEqual({
            baseAddress: 0x6000,
            length: 0x100,
            gcdIoType: 'EfiGcdIoTypeIo',
            imageHandle: image,
            deviceHandle: undefined,
          }),
      ],
      [
        'GetIoSpaceDescriptor',
        'EFI_NOT_FOUND',
        'no port',
        ({ ds }) => ds.getIoSpaceDescriptor(0x1_0000),
      ],
      [
        'GetIoSpaceMap',
        'EFI_SUCCESS',
        'all ports',
        ({ ds }) =>
          expect(ds.getIoSpaceMap().map(({ length }) => length)).toEqual([
            0x6000, 0x100, 0xf00, 0x9000,
          ]),
      ],
    ];
    test.each(given)('%s: %s, %s', (_service, status, _how, body) => {
      expect(statusOf(() => body(io()))).toBe(status);
    });
  });
});
