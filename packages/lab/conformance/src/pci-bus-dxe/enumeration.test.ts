import { PciBridge } from '@dxelab/pci-devices';
import { PciEnumerationCompleteProtocol, PciRootBridgeIoProtocol } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { PciWorld, statusOf, testFunction } from './pci-world.fixture.ts';

/** The bus numbers of a bridge: primary, secondary, subordinate. */
function busNumbers(world: PciWorld, path: string): readonly number[] {
  const { pci } = world.at(path).pciIo;
  return [pci.read(0, 0x18), pci.read(0, 0x19), pci.read(0, 0x1a)];
}

/** The windows of a bridge: I/O, memory, prefetchable memory; `closed` when nothing passes. */
function windows(world: PciWorld, path: string): readonly string[] {
  const { pci } = world.at(path).pciIo;
  const window = (base: number, limit: number): string =>
    base > limit ? 'closed' : `${base.toString(16)}-${limit.toString(16)}`;
  const upper = (offset: number): number => pci.read(2, offset) * 2 ** 32;
  return [
    window((pci.read(0, 0x1c) & 0xf0) * 0x100, (pci.read(0, 0x1d) & 0xf0) * 0x100 + 0xfff),
    window(
      (pci.read(1, 0x20) & 0xfff0) * 2 ** 16,
      (pci.read(1, 0x22) & 0xfff0) * 2 ** 16 + 0xfffff,
    ),
    window(
      upper(0x28) + (pci.read(1, 0x24) & 0xfff0) * 2 ** 16,
      upper(0x2c) + (pci.read(1, 0x26) & 0xfff0) * 2 ** 16 + 0xfffff,
    ),
  ];
}

describe.each(PROFILES)('what is found (PciScanBus), profile %s', (profile) => {
  test('a function without BARs, and the host bridge itself', () => {
    const world = new PciWorld((host) => host.plug('02.0', testFunction('plain')), { profile });
    expect([...world.connect().functions.keys()]).toEqual([
      'PciRoot(0x0)/Pci(0x0,0x0)',
      'PciRoot(0x0)/Pci(0x2,0x0)',
    ]);
    expect(world.findings).toEqual([]);
  });

  test('the functions of a multi-function device, and no gap hides what is behind it', () => {
    const world = new PciWorld(
      (host) => {
        host.plug('03.0', testFunction('first'));
        host.plug('03.2', testFunction('third'));
        host.plug('03.7', testFunction('last'));
        host.plug('1f.0', testFunction('alone'));
      },
      { profile },
    );
    expect([...world.connect().functions.keys()].slice(1)).toEqual([
      'PciRoot(0x0)/Pci(0x3,0x0)',
      'PciRoot(0x0)/Pci(0x3,0x2)',
      'PciRoot(0x0)/Pci(0x3,0x7)',
      'PciRoot(0x0)/Pci(0x1F,0x0)',
    ]);
  });

  test('what is behind a bridge: PciRoot(0x0)/Pci(0x2,0x0)/Pci(0x0,0x0) (facts §8.3)', () => {
    const world = new PciWorld(
      (host) => {
        const bridge = new PciBridge('bridge');
        bridge.plug('00.0', testFunction('behind', [[0, 'mem32', 0x1000]]));
        host.plug('02.0', bridge);
      },
      { profile },
    );
    expect([...world.connect().functions.keys()].slice(1)).toEqual([
      'PciRoot(0x0)/Pci(0x2,0x0)',
      'PciRoot(0x0)/Pci(0x2,0x0)/Pci(0x0,0x0)',
    ]);
    const location = { segment: 0, bus: 1, device: 0, function: 0 };
    const { pciIo } = world.at('PciRoot(0x0)/Pci(0x2,0x0)/Pci(0x0,0x0)');
    expect(pciIo.getLocation()).toEqual(location);
    expect(world.findings).toEqual([]);
  });

  test.each([
    ['ECAM, with the extended registers of an Express function', true, 'EFI_SUCCESS'],
    ['the configuration ports, without them', false, 'EFI_INVALID_PARAMETER'],
  ])('the same through %s', (_, ecam, extended) => {
    const world = new PciWorld(
      (host) => host.plug('02.0', testFunction('express', [], { express: true })),
      {
        profile,
        rootBridge: (hob) => (ecam ? hob : { ...hob, ecam: undefined }),
      },
    ).connect();
    const { pci } = world.at('PciRoot(0x0)/Pci(0x2,0x0)').pciIo;
    expect(pci.read(2, 0)).toBe(0x0001_1234);
    expect(statusOf(() => pci.read(2, 0x100))).toBe(extended);
    expect(statusOf(() => pci.read(2, 0x1000))).toBe('EFI_UNSUPPORTED');
    expect(world.findings).toEqual([]);
  });
});

describe.each(PROFILES)('three nested bridges and one beside them, profile %s', (profile) => {
  const OUTER = 'PciRoot(0x0)/Pci(0x2,0x0)';
  const MIDDLE = `${OUTER}/Pci(0x1,0x0)`;
  const INNER = `${MIDDLE}/Pci(0x5,0x0)`;
  const DISK = `${INNER}/Pci(0x1F,0x0)`;
  const BESIDE = 'PciRoot(0x0)/Pci(0x3,0x0)';

  function nested(): PciWorld {
    const outer = new PciBridge('outer');
    const middle = new PciBridge('middle');
    const inner = new PciBridge('inner');
    const beside = new PciBridge('beside');
    inner.plug(
      '1f.0',
      testFunction('disk', [
        [0, 'io', 0x80],
        [1, 'mem32', 0x20_0000],
        [4, 'mem64', 0x4000, true],
      ]),
    );
    middle.plug('05.0', inner);
    outer.plug('00.0', testFunction('card', [[0, 'mem64', 0x1000]]));
    outer.plug('01.0', middle);
    beside.plug('00.0', testFunction('other', [[0, 'mem32', 0x1000]]));
    return new PciWorld(
      (host) => {
        host.plug('02.0', outer);
        host.plug('03.0', beside);
      },
      { profile },
    ).connect();
  }

  test('get bus numbers in the order in which they are found, depth first', () => {
    const world = nested();
    expect(busNumbers(world, OUTER)).toEqual([0, 1, 3]);
    expect(busNumbers(world, MIDDLE)).toEqual([1, 2, 3]);
    expect(busNumbers(world, INNER)).toEqual([2, 3, 3]);
    expect(busNumbers(world, BESIDE)).toEqual([0, 4, 4]);
    const rootBridgeIo = world.bs.handleProtocol(world.rootBridge, PciRootBridgeIoProtocol);
    expect(rootBridgeIo.configuration()).toContainEqual({
      type: 'bus',
      granularity: 0,
      prefetchable: false,
      base: 0,
      length: 5,
    });
  });

  test('get windows: I/O in 4 KiB, memory in 1 MiB, prefetchable 64-bit memory above 4 GiB', () => {
    const world = nested();
    // What is not prefetchable must stay below 4 GiB behind a bridge, though its BAR has 64 bits.
    expect(windows(world, OUTER)).toEqual([
      '6000-6fff',
      '80000000-802fffff',
      '800000000-8000fffff',
    ]);
    expect(windows(world, MIDDLE)).toEqual([
      '6000-6fff',
      '80000000-801fffff',
      '800000000-8000fffff',
    ]);
    expect(windows(world, INNER)).toEqual(windows(world, MIDDLE));
    expect(windows(world, BESIDE)).toEqual(['closed', '80300000-803fffff', 'closed']);
  });

  test('let through what their functions do, in both directions', () => {
    const world = nested();
    const { pciIo } = world.at(DISK);
    pciIo.enableAttributes(0x700);
    for (const [bar, offset] of [
      [1, 0x1f_fffc],
      [4, 0x3ffc],
    ] as const) {
      pciIo.mem.write(2, bar, offset, 0xcafe0000 + bar);
      expect(pciIo.mem.read(2, bar, offset)).toBe(0xcafe0000 + bar);
    }
    pciIo.io.write(1, 0, 0x7e, 0xabcd);
    expect(pciIo.io.read(1, 0, 0x7e)).toBe(0xabcd);
    expect(world.findings).toEqual([]);
  });

  test('all hang from the root bridge in the handle database', () => {
    const world = nested();
    const children = world.bs
      .openProtocolInformation(world.rootBridge, PciRootBridgeIoProtocol)
      .filter(({ attributes }) => attributes === 0x08)
      .map(({ controllerHandle }) => controllerHandle);
    expect(children).toEqual([...world.functions.values()].map(({ handle }) => handle));
  });
});

describe.each(PROFILES)('how functions are left, profile %s', (profile) => {
  test('decoding nothing and mastering nothing, until a driver enables them; bridges enabled', () => {
    const bridge = new PciBridge('bridge');
    bridge.plug('00.0', testFunction('behind', [[0, 'mem32', 0x1000]]));
    const stale = testFunction('stale', [[0, 'mem32', 0x1000]]);
    const world = new PciWorld(
      (host) => {
        host.plug('02.0', bridge);
        host.plug('03.0', stale);
      },
      { profile },
    );
    // As a firmware before this one may have left it.
    stale.writeConfig(4, 2, 7);
    world.connect();
    expect(world.at('PciRoot(0x0)/Pci(0x2,0x0)').pciIo.pci.read(1, 4)).toBe(7);
    expect(world.at('PciRoot(0x0)/Pci(0x2,0x0)/Pci(0x0,0x0)').pciIo.pci.read(1, 4)).toBe(0);
    expect(world.at('PciRoot(0x0)/Pci(0x3,0x0)').pciIo.pci.read(1, 4)).toBe(0);
  });

  test('without an interrupt line: 0xFF', () => {
    const plug = (slot: string) => testFunction(slot, [], { interruptPin: 1 });
    const world = new PciWorld((host) => host.plug('02.0', plug('02.0')), { profile }).connect();
    expect(world.at('PciRoot(0x0)/Pci(0x2,0x0)').pciIo.pci.read(0, 0x3c)).toBe(0xff);
  });

  test('with attributes of 0x4000 in EDK II and none in the specification (Appendix C.26)', () => {
    const world = new PciWorld((host) => host.plug('02.0', testFunction('plain')), { profile });
    const { pciIo } = world.connect().at('PciRoot(0x0)/Pci(0x2,0x0)');
    const original = profile === 'edk2' ? 0x4000 : 0;
    expect(pciIo.getAttributes()).toBe(original);
    expect(pciIo.supportedAttributes()).toBe(0xe700);
    pciIo.enableAttributes(0x8600);
    expect(pciIo.getAttributes()).toBe(original | 0x8600);
    pciIo.setAttributes(original);
    expect(pciIo.getAttributes()).toBe(original);
  });

  test('and PciEnumerationComplete is on the handle of the host bridge', () => {
    const world = new PciWorld(() => {}, { profile });
    expect(world.handlesWith(PciEnumerationCompleteProtocol)).toEqual([]);
    const { parentHandle } = world.bs.handleProtocol(world.rootBridge, PciRootBridgeIoProtocol);
    expect(world.connect().only(PciEnumerationCompleteProtocol)).toBe(parentHandle);
  });
});
