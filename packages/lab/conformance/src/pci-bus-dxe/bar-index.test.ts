import type { EfiPciIo } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import type { TestBar } from './pci-world.fixture.ts';
import { PciWorld, testFunction } from './pci-world.fixture.ts';

const PATH = 'PciRoot(0x0)/Pci(0x2,0x0)';

/** Each BAR index that PciIo has, and what is behind it: kind, place and size. */
function barsOf(pciIo: EfiPciIo): readonly string[] {
  return [0, 1, 2, 3, 4, 5].flatMap((bar) => {
    try {
      const { type, granularity, base, length } = pciIo.getBarAttributes(bar).resource;
      return [`${bar}: ${type}${granularity} ${base.toString(16)}+${length.toString(16)}`];
    } catch {
      return [];
    }
  });
}

function pciIoOf(profile: 'specification' | 'edk2', bars: readonly TestBar[]): EfiPciIo {
  const world = new PciWorld((host) => host.plug('02.0', testFunction('device', bars)), {
    profile,
  });
  return world.connect().at(PATH).pciIo;
}

describe('BarIndex (UEFI §14.4; facts §7.4, Appendix C.25)', () => {
  const WIDE_FIRST: readonly TestBar[] = [
    [0, 'mem64', 0x4000],
    [2, 'mem32', 0x1000],
    [3, 'io', 0x40],
  ];

  test('is the number of the BAR in the specification', () => {
    expect(barsOf(pciIoOf('specification', WIDE_FIRST))).toEqual([
      '0: memory64 800000000+4000',
      '2: memory32 80000000+1000',
      '3: io32 6000+40',
    ]);
  });

  test('QUIRK PciBusDxe.BarOrdinal: counts a 64-bit BAR once in EDK II', () => {
    expect(barsOf(pciIoOf('edk2', WIDE_FIRST))).toEqual([
      '0: memory64 800000000+4000',
      '1: memory32 80000000+1000',
      '2: io32 6000+40',
    ]);
  });

  test.each(['specification', 'edk2'] as const)(
    'QEMU virtio: an MSI-X table in BAR 1 and registers in the 64-bit BAR 4 are the same in both, %s',
    (profile) => {
      const bars: readonly TestBar[] = [
        [1, 'mem32', 0x1000],
        [4, 'mem64', 0x4000, true],
      ];
      expect(barsOf(pciIoOf(profile, bars))).toEqual([
        '1: memory32 80000000+1000',
        '4: memory64 800000000+4000',
      ]);
    },
  );

  test('an access through an index reaches the BAR of that index', () => {
    for (const [profile, index] of [
      ['specification', 2],
      ['edk2', 1],
    ] as const) {
      const pciIo = pciIoOf(profile, WIDE_FIRST);
      pciIo.enableAttributes(0x200);
      pciIo.mem.write(2, index, 0x10, 0x12345678);
      expect(pciIo.mem.read(2, 0xff, 0x80000010)).toBe(0x12345678);
    }
  });
});
