import { PciBridge } from '@dxelab/pci-devices';
import type { EfiDriverBinding, EfiHandle } from '@dxelab/uefi';
import {
  ComponentName2Protocol,
  DevicePathProtocol,
  DriverBindingProtocol,
  EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  PciIoProtocol,
  PciRootBridgeIoProtocol,
  acpiNode,
  devicePath,
  endDevicePath,
  pciNode,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { PciWorld, statusOf, testFunction } from './pci-world.fixture.ts';

const PLAIN = 'PciRoot(0x0)/Pci(0x2,0x0)';
const BRIDGE = 'PciRoot(0x0)/Pci(0x3,0x0)';
const BEHIND = 'PciRoot(0x0)/Pci(0x3,0x0)/Pci(0x0,0x0)';
const ALL = ['PciRoot(0x0)/Pci(0x0,0x0)', PLAIN, BRIDGE, BEHIND];

function world(profile: 'specification' | 'edk2' = 'specification'): PciWorld {
  return new PciWorld(
    (host) => {
      const bridge = new PciBridge('bridge');
      bridge.plug('00.0', testFunction('behind', [[0, 'mem64', 0x4000]]));
      host.plug('02.0', testFunction('plain', [[0, 'mem32', 0x1000]]));
      host.plug('03.0', bridge);
    },
    { profile },
  );
}

function binding(from: PciWorld): EfiDriverBinding {
  return from.bs.handleProtocol(from.only(DriverBindingProtocol), DriverBindingProtocol);
}

/** Who has a protocol of the root bridge open as its driver. */
function drivers(from: PciWorld): readonly number[] {
  return [PciRootBridgeIoProtocol, DevicePathProtocol].map(
    (protocol) =>
      from.bs
        .openProtocolInformation(from.rootBridge, protocol)
        .filter(({ attributes }) => attributes === EFI_OPEN_PROTOCOL_BY_DRIVER).length,
  );
}

/** Where everything is: bus numbers, BARs, bridge windows. */
function layout(from: PciWorld): readonly (readonly number[])[] {
  return [...from.functions.values()].map(({ pciIo }) =>
    [0x10, 0x14, 0x18, 0x1c, 0x20, 0x24, 0x28, 0x2c].map((offset) => pciIo.pci.read(2, offset)),
  );
}

describe('what the driver is', () => {
  test('version 0xA, and has a name', () => {
    const from = world();
    expect(binding(from).version).toBe(0xa);
    const { imageHandle } = binding(from);
    const name = from.bs.handleProtocol(imageHandle, ComponentName2Protocol);
    expect(name.getDriverName('en')).toBe('PCI Bus Driver');
  });
});

describe.each(PROFILES)('Supported (facts §7.3, §10.3), profile %s', (profile) => {
  test.each([
    ['no remaining path', undefined, 'EFI_SUCCESS'],
    ['an End node', endDevicePath(), 'EFI_SUCCESS'],
    ['a PCI node', devicePath(pciNode(2, 0)), 'EFI_SUCCESS'],
    ['a node of something else', devicePath(acpiNode(0x0a0341d0, 0)), 'EFI_UNSUPPORTED'],
    [
      'a PCI node of a wrong length',
      Uint8Array.of(1, 1, 5, 0, 0, 0x7f, 0xff, 4, 0),
      'EFI_UNSUPPORTED',
    ],
  ] as const)('with %s', (_, remaining, status) => {
    const from = world(profile);
    expect(binding(from).supported(from.rootBridge, remaining)).toBe(status);
    expect(drivers(from)).toEqual([0, 0]);
  });

  test('a root bridge that it manages already is supported: there may be children to add', () => {
    const from = world(profile).connect();
    expect(binding(from).supported(from.rootBridge)).toBe('EFI_SUCCESS');
    expect(drivers(from)).toEqual([1, 1]);
  });

  test('what is no root bridge is not, and neither is one that another driver has', () => {
    const from = world(profile);
    const image = from.core.labImage;
    expect(binding(from).supported(image)).toBe('EFI_UNSUPPORTED');
    const { bs, rootBridge } = from;
    bs.openProtocol(rootBridge, DevicePathProtocol, image, rootBridge, EFI_OPEN_PROTOCOL_BY_DRIVER);
    expect(binding(from).supported(rootBridge)).toBe('EFI_ACCESS_DENIED');
    expect(drivers(from)).toEqual([0, 1]);
  });
});

describe.each(PROFILES)('Start, profile %s', (profile) => {
  test('with an End node touches nothing: nobody wants a child', () => {
    const from = world(profile);
    from.bs.connectController(from.rootBridge, undefined, endDevicePath());
    expect([...from.functions]).toEqual([]);
    expect(drivers(from)).toEqual([0, 0]);
  });

  test('with a PCI node makes all children, as it may', () => {
    const from = world(profile);
    from.bs.connectController(from.rootBridge, undefined, devicePath(pciNode(2, 0)));
    expect([...from.functions.keys()]).toEqual(ALL);
  });

  test('a second time gives nothing another number, address or handle', () => {
    const from = world(profile).connect();
    const before = layout(from);
    const handles = [...from.functions.values()].map(({ handle }) => handle);
    from.bs.connectController(from.rootBridge);
    expect(layout(from)).toEqual(before);
    expect([...from.functions.values()].map(({ handle }) => handle)).toEqual(handles);
    expect(drivers(from)).toEqual([1, 1]);
  });

  test('that fails leaves nothing open', () => {
    const from = world(profile);
    const { bs, rootBridge } = from;
    const image = from.core.labImage;
    bs.openProtocol(rootBridge, DevicePathProtocol, image, rootBridge, EFI_OPEN_PROTOCOL_BY_DRIVER);
    expect(statusOf(() => binding(from).start(rootBridge))).toBe('EFI_ACCESS_DENIED');
    expect(drivers(from)).toEqual([0, 1]);
  });
});

describe.each(PROFILES)('Stop, profile %s', (profile) => {
  test('of everything leaves nothing; a new Start finds everything where it was', () => {
    const from = world(profile).connect();
    const before = layout(from);
    const { pciIo } = from.at(BEHIND);
    pciIo.enableAttributes(0x200);
    pciIo.mem.write(2, 0, 0x10, 0xfeedface);
    from.bs.disconnectController(from.rootBridge);
    expect([...from.functions]).toEqual([]);
    expect(drivers(from)).toEqual([0, 0]);
    from.connect();
    expect([...from.functions.keys()]).toEqual(ALL);
    expect(layout(from)).toEqual(before);
    expect(from.at(BEHIND).pciIo.getAttributes() & 0x200).toBe(0x200);
    expect(from.at(BEHIND).pciIo.mem.read(2, 0, 0x10)).toBe(0xfeedface);
    expect(from.findings).toEqual([]);
  });

  test('of one child leaves the others; the next Start gives it a handle again', () => {
    const from = world(profile).connect();
    from.bs.disconnectController(from.rootBridge, undefined, from.at(PLAIN).handle);
    expect([...from.functions.keys()]).toEqual(ALL.filter((path) => path !== PLAIN));
    expect(drivers(from)).toEqual([1, 1]);
    from.connect();
    expect([...from.functions.keys()].toSorted()).toEqual(ALL);
  });

  test('of a bridge stops what is behind it', () => {
    const from = world(profile).connect();
    from.bs.disconnectController(from.rootBridge, undefined, from.at(BRIDGE).handle);
    expect([...from.functions.keys()]).toEqual(ALL.slice(0, 2));
  });

  test('of a child that someone holds fails, and leaves it and its tie to the root bridge', () => {
    const from = world(profile).connect();
    const { bs, rootBridge } = from;
    const held = from.at(PLAIN).handle;
    // As a bus driver without a driver's open would: nobody can be asked to let go.
    const by = EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER;
    bs.openProtocol(held, PciIoProtocol, from.core.labImage, rootBridge, by);
    expect(statusOf(() => binding(from).stop(rootBridge, [held]))).toBe('EFI_DEVICE_ERROR');
    expect([...from.functions.keys()].toSorted()).toEqual(ALL);
    const children = bs
      .openProtocolInformation(rootBridge, PciRootBridgeIoProtocol)
      .filter(({ attributes }) => attributes === by)
      .map(({ controllerHandle }) => controllerHandle);
    expect(new Set<EfiHandle | undefined>(children)).toEqual(
      new Set([...from.functions.values()].map(({ handle }) => handle)),
    );
  });

  test('after exhaustion, and Start again, still leaves out what had no room', () => {
    const from = new PciWorld(
      (host) => {
        host.plug('02.0', testFunction('greedy', [[0, 'mem32', 2 ** 31]]));
        host.plug('03.0', testFunction('modest', [[0, 'mem32', 0x1000]]));
      },
      { profile },
    ).connect();
    const paths = [...from.functions.keys()];
    from.bs.disconnectController(from.rootBridge);
    from.connect();
    expect([...from.functions.keys()]).toEqual(paths);
    expect(paths).not.toContain(PLAIN);
  });
});
