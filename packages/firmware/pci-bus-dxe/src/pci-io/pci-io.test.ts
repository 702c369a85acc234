import type { EdkiiIoMmu, GuestBuffer } from '@dxelab/uefi';
import { EDKII_IOMMU_PROTOCOL_REVISION, EfiError } from '@dxelab/uefi';
import { PROFILES, Quirks } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import type { PciBar } from '../enumeration/pci-bar.ts';
import type { PciIoDevice } from '../enumeration/pci-io-device.ts';
import { FakeFunction, FakeTpl } from '../fake-function.fixture.ts';
import { FunctionAttributes } from './function-attributes.ts';
import { PciIo } from './pci-io.ts';
import { RootUpstream } from './upstream.ts';

const MEMORY: PciBar = {
  type: 'mem32',
  register: 0x10,
  length: 0x100,
  alignment: 0x1000,
  base: 0xc0000000,
};
const PORTS: PciBar = { type: 'io', register: 0x14, length: 0x20, alignment: 0x20, base: 0xc000 };
const WIDE: PciBar = {
  type: 'pmem64',
  register: 0x18,
  length: 0x4000,
  alignment: 0x4000,
  base: 0x8_0000_0000,
};
const UNPLACED: PciBar = { ...MEMORY, register: 0x20, base: undefined };

function world(
  options: {
    express?: boolean;
    quirks?: Quirks;
    rootSupports?: number;
    /** What SetAttribute of an IOMMU does; without it there is none. */
    setAttribute?: (access: number) => void;
  } = {},
) {
  const { express = false, quirks = new Quirks('specification'), rootSupports = 0x70069 } = options;
  const fake = new FakeFunction([{ offset: 4, size: 2, writable: 7 }], rootSupports);
  const upstream = new RootUpstream(fake.rootBridgeIo);
  const device: PciIoDevice = {
    config: fake.config,
    devicePath: new Uint8Array(),
    attributes: new FunctionAttributes(new FakeTpl(), fake.config, false, upstream, quirks),
    bars: [MEMORY, PORTS, WIDE, undefined, UNPLACED, undefined],
    express,
    bridge: undefined,
    registration: undefined,
  };
  fake.taken();
  const { setAttribute } = options;
  const ioMmu: EdkiiIoMmu | undefined = setAttribute && {
    ...fake.rootBridgeIo,
    revision: EDKII_IOMMU_PROTOCOL_REVISION,
    setAttribute: (handle, _mapping, access) => {
      fake.log.push(`access ${access} of handle ${handle.number}`);
      setAttribute(access);
    },
  };
  const pciIo = new PciIo(device, quirks, ioMmu);
  device.registration = { handle: { number: 9 }, pciIo };
  return { fake, pciIo };
}

describe('Mem and Io (UEFI §14.4): accesses relative to a BAR', () => {
  test('become accesses of the root bridge', () => {
    const { fake, pciIo } = world();
    pciIo.mem.write(1, 0, 0x10, 0xabcd);
    pciIo.mem.read(2, 2, 0x3ffc);
    pciIo.io.read(0, 1, 0x1f);
    pciIo.io.write(2, 1, 4, 1);
    expect(fake.taken()).toEqual([
      'mem W16 c0000010 = abcd',
      'mem R32 800003ffc',
      'io R8 c01f',
      'io W32 c004 = 1',
    ]);
  });

  test('BAR 0xFF is an absolute address', () => {
    const { fake, pciIo } = world();
    pciIo.mem.read(2, 0xff, 0xa0000);
    pciIo.io.write(0, 0xff, 0x80, 1);
    expect(fake.taken()).toEqual(['mem R32 a0000', 'io W8 80 = 1']);
  });

  test.each([
    ['ports through Mem', 1, 0],
    ['a BAR that is not there', 3, 0],
    ['a BAR without an address', 4, 0],
    ['no BAR number', 6, 0],
    ['a negative BAR number', -1, 0],
    ['behind the end', 0, 0x100],
    ['over the end', 0, 0xfd],
    ['before the beginning', 0, -4],
    ['not a number', 0, Number.NaN],
  ])('%s: EFI_UNSUPPORTED', (_, bar, offset) => {
    const { fake, pciIo } = world();
    expect(() => pciIo.mem.read(2, bar, offset)).toThrow(/EFI_UNSUPPORTED/);
    expect(() => pciIo.mem.write(2, bar, offset, 0)).toThrow(/EFI_UNSUPPORTED/);
    expect(fake.taken()).toEqual([]);
  });

  test('memory through Io: EFI_UNSUPPORTED', () => {
    expect(() => world().pciIo.io.read(0, 0, 0)).toThrow(/EFI_UNSUPPORTED.*I\/O BAR/);
  });

  test('buffers must lie in the BAR as a whole; a FIFO touches one value', () => {
    const { fake, pciIo } = world();
    const buffer = new Uint8Array(16);
    pciIo.mem.readBuffer(2, 0, 0xf0, 4, buffer);
    pciIo.io.writeBuffer(6, 1, 0x1c, 4, buffer);
    expect(fake.taken()).toEqual(['mem R2x4 c00000f0', 'io W6x4 c01c']);
    expect(() => pciIo.mem.readBuffer(2, 0, 0xf4, 4, buffer)).toThrow(/EFI_UNSUPPORTED/);
    expect(() => pciIo.mem.writeBuffer(2, 0, 0, 5, buffer)).toThrow(/EFI_INVALID_PARAMETER/);
    expect(() => pciIo.mem.readBuffer(12, 0, 0, 1, buffer)).toThrow(/EFI_INVALID_PARAMETER/);
  });
});

describe('Pci (UEFI §14.4): the configuration space', () => {
  test('of a conventional function has 256 bytes, of an Express one 4096', () => {
    const conventional = world().pciIo.pci;
    expect(conventional.read(2, 0xfc)).toBe(0);
    expect(() => conventional.read(2, 0x100)).toThrow(/EFI_UNSUPPORTED/);
    expect(() => conventional.write(1, 0xff, 0)).toThrow(/EFI_UNSUPPORTED/);
    expect(() => conventional.read(0, -1)).toThrow(/EFI_UNSUPPORTED/);
    const express = world({ express: true }).pciIo.pci;
    expect(express.read(2, 0xffc)).toBe(0);
    expect(() => express.read(2, 0x1000)).toThrow(/EFI_UNSUPPORTED/);
  });

  test('through a buffer', () => {
    const { fake, pciIo } = world();
    pciIo.pci.readBuffer(2, 0, 16, new Uint8Array(64));
    pciIo.pci.writeBuffer(0, 0x40, 2, new Uint8Array(2));
    expect(fake.taken()).toEqual(['R2x16 0', 'W0x2 40']);
    expect(() => pciIo.pci.readBuffer(2, 0xfc, 2, new Uint8Array(8))).toThrow(/EFI_UNSUPPORTED/);
  });
});

describe('CopyMem, PollMem and PollIo (UEFI §14.4)', () => {
  test('are checked against the BARs and passed on', () => {
    const { fake, pciIo } = world();
    pciIo.copyMem(2, 0, 0x10, 2, 0x20, 4);
    pciIo.pollMem(1, 0, 0xfe, 1n, 1n, 0n);
    pciIo.pollIo(0, 1, 3, 1n, 1n, 0n);
    expect(fake.taken()).toEqual([
      'copy 2 c0000010 800000020 4',
      'poll mem 1 c00000fe',
      'poll io 0 c003',
    ]);
    expect(() => pciIo.copyMem(2, 0, 0xf4, 2, 0, 4)).toThrow(/EFI_UNSUPPORTED/);
    expect(() => pciIo.copyMem(2, 2, 0, 0, 0xf4, 4)).toThrow(/EFI_UNSUPPORTED/);
    expect(() => pciIo.pollMem(2, 0, 0xfe, 0n, 0n, 0n)).toThrow(/EFI_UNSUPPORTED/);
  });

  test('take no FIFO and no fill: EFI_INVALID_PARAMETER', () => {
    const { pciIo } = world();
    expect(() => pciIo.copyMem(4, 0, 0, 0, 0, 1)).toThrow(/EFI_INVALID_PARAMETER/);
    expect(() => pciIo.pollMem(5, 0, 0, 0n, 0n, 0n)).toThrow(/EFI_INVALID_PARAMETER/);
    expect(() => pciIo.pollIo(8, 1, 0, 0n, 0n, 0n)).toThrow(/EFI_INVALID_PARAMETER/);
  });
});

describe('Map, Unmap and AllocateBuffer (UEFI §14.4)', () => {
  const host: GuestBuffer = { address: 0x1000, length: 0x1000 };

  test('become 64-bit operations with DUAL_ADDRESS_CYCLE', () => {
    const { fake, pciIo } = world();
    pciIo.map('BusMasterRead', host, 1);
    pciIo.enableAttributes(0x8000);
    for (const operation of ['BusMasterRead', 'BusMasterWrite', 'BusMasterCommonBuffer'] as const) {
      pciIo.unmap(pciIo.map(operation, host, 1));
    }
    expect(fake.taken()).toEqual([
      'map BusMasterRead',
      'map BusMasterRead64',
      'unmap',
      'map BusMasterWrite64',
      'unmap',
      'map BusMasterCommonBuffer64',
      'unmap',
    ]);
  });

  test('buffers are asked for with it, too', () => {
    const { fake, pciIo } = world();
    pciIo.allocateBuffer('EfiBootServicesData', 2, 0x800);
    pciIo.enableAttributes(0x8000);
    pciIo.freeBuffer(2, pciIo.allocateBuffer('EfiBootServicesData', 2, 0x80));
    expect(fake.taken()).toEqual([
      'allocate EfiBootServicesData 2 800',
      'allocate EfiBootServicesData 2 8080',
      'free 2 1000',
    ]);
    expect(() => pciIo.allocateBuffer('EfiBootServicesData', 2, 0x8000)).toThrow(/EFI_UNSUPPORTED/);
  });
});

describe('GetBarAttributes (UEFI §14.4)', () => {
  test.each([
    [0, { type: 'memory', granularity: 32, prefetchable: false, base: 0xc0000000, length: 0x100 }],
    [1, { type: 'io', granularity: 32, prefetchable: false, base: 0xc000, length: 0x20 }],
    [2, { type: 'memory', granularity: 64, prefetchable: true, base: 2 ** 35, length: 0x4000 }],
  ])('BAR %i', (bar, resource) => {
    expect(world().pciIo.getBarAttributes(bar)).toEqual({ supports: 0, resource });
  });

  test.each([3, 4, 5, 6, -1, 0xff])('there is no BAR %i: EFI_UNSUPPORTED', (bar) => {
    expect(() => world().pciIo.getBarAttributes(bar)).toThrow(/EFI_UNSUPPORTED/);
  });

  test('QUIRK PciBusDxe.AddressRangeMaximumIsAlignment', () => {
    const { pciIo } = world({ quirks: new Quirks('edk2') });
    expect(pciIo.getBarAttributes(0).resource.addressRangeMaximum).toBe(0xfff);
    expect(pciIo.getBarAttributes(2).resource.addressRangeMaximum).toBe(0x3fff);
  });

  test('a BAR can do what the function can, unless PciBusDxe.BarSupportsNothing', () => {
    const caching = { rootSupports: 0x70069 | 0x880 };
    expect(world(caching).pciIo.getBarAttributes(0).supports).toBe(0x880);
    const quirks = new Quirks('edk2');
    expect(world({ ...caching, quirks }).pciIo.getBarAttributes(0).supports).toBe(0);
  });
});

test('SetBarAttributes takes what GetBarAttributes says is supported, inside the BAR', () => {
  const { pciIo } = world();
  expect(() => pciIo.setBarAttributes(0, 0, 0x80, 0x80)).not.toThrow();
  expect(() => pciIo.setBarAttributes(0x80, 0, 0, 0x80)).toThrow(/EFI_UNSUPPORTED/);
  expect(() => pciIo.setBarAttributes(0, 0, 0x80, 0x81)).toThrow(/EFI_UNSUPPORTED/);
  expect(() => pciIo.setBarAttributes(0, 3, 0, 1)).toThrow(/EFI_UNSUPPORTED/);
});

test.each(PROFILES)('GetLocation, Flush and RomImage, profile %s', (profile) => {
  const { fake, pciIo } = world({ quirks: new Quirks(profile) });
  expect(pciIo.getLocation()).toEqual({ segment: 0, bus: 0, device: 2, function: 0 });
  pciIo.flush();
  expect(fake.taken()).toEqual(['flush']);
  expect(pciIo.romImage).toHaveLength(0);
});

describe('Map and Unmap with EDKII_IOMMU_PROTOCOL (PciIo.c: PciIoMap, PciIoUnmap)', () => {
  test.each([
    ['BusMasterRead', 1],
    ['BusMasterWrite', 2],
    ['BusMasterCommonBuffer', 3],
  ] as const)('%s: the function gets access %i, and loses it before Unmap', (operation, access) => {
    const { fake, pciIo } = world({ setAttribute: () => {} });
    pciIo.unmap(pciIo.map(operation, { address: 0x1000, length: 4 }, 4));
    expect(fake.taken()).toEqual([
      `map ${operation}`,
      `access ${access} of handle 9`,
      'access 0 of handle 9',
      'unmap',
    ]);
  });

  test.each([
    ['specification', ['unmap']],
    ['edk2', []],
  ] as const)('an access that is refused fails Map, %s', (profile, undone) => {
    const refuse = (): never => {
      throw new EfiError('EFI_UNSUPPORTED', 'no access');
    };
    const { fake, pciIo } = world({ setAttribute: refuse, quirks: new Quirks(profile) });
    const map = () => pciIo.map('BusMasterRead', { address: 0x1000, length: 4 }, 4);
    expect(map).toThrow('EFI_UNSUPPORTED');
    expect(fake.taken()).toEqual(['map BusMasterRead', 'access 1 of handle 9', ...undone]);
  });
});
