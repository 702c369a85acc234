import type { PciRootBridgeHob } from '@dxelab/platform';
import type { PciResourceRequest } from '@dxelab/uefi';
import { efiStatusOf } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { fakeSpaces } from './fake-spaces.fixture.ts';
import { HostBridge } from './host-bridge.ts';
import { RootBridge } from './root-bridge.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

function hob(firstBus: number, lastBus: number): PciRootBridgeHob {
  return {
    segment: 0,
    firstBus,
    lastBus,
    io: { base: 0x6000, length: 0xa000 },
    mem32: { base: 0xc0000000, length: 16 * MIB },
    mem64: { base: 32 * GIB, length: GIB },
    ecam: undefined,
    dmaAbove4G: false,
  };
}

/** A host bridge with two root bridges, under handles 1 and 2. */
function world() {
  const rootBridges = [new RootBridge(hob(0, 0x7f)), new RootBridge(hob(0x80, 0xff))] as const;
  rootBridges[0].handle = { number: 1 };
  rootBridges[1].handle = { number: 2 };
  const spaces = fakeSpaces([rootBridges[0].hob]);
  const hostBridge = new HostBridge(rootBridges, spaces);
  hostBridge.notifyPhase('EfiPciHostBridgeBeginEnumeration');
  return {
    hostBridge,
    rootBridges,
    handles: [rootBridges[0].handle, rootBridges[1].handle] as const,
  };
}

const ROOM: PciResourceRequest = { type: 'mem32', length: 4 * MIB, alignment: 4 * MIB };

function status(body: () => void): string {
  try {
    body();
    return 'EFI_SUCCESS';
  } catch (caught) {
    return efiStatusOf(caught);
  }
}

describe('EFI_PCI_HOST_BRIDGE_RESOURCE_ALLOCATION_PROTOCOL (PI Vol. 5 §10.8)', () => {
  test('GetNextRootBridge goes through all of them', () => {
    const { hostBridge, handles } = world();
    expect(hostBridge.getNextRootBridge(undefined)).toBe(handles[0]);
    expect(hostBridge.getNextRootBridge(handles[0])).toBe(handles[1]);
    expect(hostBridge.getNextRootBridge(handles[1])).toBeUndefined();
  });

  test('each root bridge has its buses; those in use are told with SetBusNumbers', () => {
    const { hostBridge, rootBridges, handles } = world();
    expect(hostBridge.startBusEnumeration(handles[1])).toMatchObject({
      firstBus: 128,
      lastBus: 255,
    });
    expect(status(() => hostBridge.setBusNumbers(handles[1], 129, 1))).toBe(
      'EFI_INVALID_PARAMETER',
    );
    expect(status(() => hostBridge.setBusNumbers(handles[1], 128, 129))).toBe(
      'EFI_INVALID_PARAMETER',
    );
    hostBridge.setBusNumbers(handles[1], 128, 3);
    expect(rootBridges[1].configuration()).toEqual([
      { type: 'bus', granularity: 0, prefetchable: false, base: 128, length: 3 },
    ]);
  });

  test('AllocateResources wants to hear from every root bridge: EFI_NOT_READY', () => {
    const { hostBridge, handles } = world();
    hostBridge.submitResources(handles[0], [ROOM]);
    expect(status(() => hostBridge.notifyPhase('EfiPciHostBridgeAllocateResources'))).toBe(
      'EFI_NOT_READY',
    );
  });

  test('what was allocated is proposed, and is the Configuration of the root bridge', () => {
    const { hostBridge, rootBridges, handles } = world();
    const high: PciResourceRequest = { type: 'mem64', length: 0x4000, alignment: 0x4000 };
    const io: PciResourceRequest = { type: 'io', length: 0x40, alignment: 0x40 };
    hostBridge.submitResources(handles[0], [io, ROOM, high]);
    hostBridge.submitResources(handles[1], [ROOM]);
    hostBridge.notifyPhase('EfiPciHostBridgeAllocateResources');
    expect(hostBridge.getProposedResources(handles[1])).toEqual([{ ...ROOM, base: 0xc0400000 }]);
    const resource = { prefetchable: false };
    expect(rootBridges[0].configuration()).toEqual([
      { ...resource, type: 'io', granularity: 0, base: 0x6000, length: 0x40 },
      { ...resource, type: 'memory', granularity: 32, base: 0xc0000000, length: 4 * MIB },
      { ...resource, type: 'memory', granularity: 64, base: 32 * GIB, length: 0x4000 },
    ]);
  });

  test('what does not fit is EFI_OUT_OF_RESOURCES; after less was asked for it can be tried again', () => {
    const { hostBridge, handles } = world();
    hostBridge.submitResources(handles[0], [ROOM]);
    hostBridge.submitResources(handles[1], [{ ...ROOM, length: 16 * MIB }]);
    const allocate = () => hostBridge.notifyPhase('EfiPciHostBridgeAllocateResources');
    expect(status(allocate)).toBe('EFI_OUT_OF_RESOURCES');
    expect(hostBridge.getProposedResources(handles[0])[0]?.base).toBe(0xc0000000);
    expect(hostBridge.getProposedResources(handles[1])[0]?.base).toBeUndefined();
    hostBridge.notifyPhase('EfiPciHostBridgeFreeResources');
    hostBridge.submitResources(handles[0], []);
    expect(status(allocate)).toBe('EFI_SUCCESS');
    expect(hostBridge.getProposedResources(handles[1])[0]?.base).toBe(0xc0000000);
  });

  test.each([
    ['prefetchable, although the windows are combined', { ...ROOM, type: 'pmem32' as const }],
    ['nothing', { ...ROOM, length: 0 }],
    ['an alignment that is no power of two', { ...ROOM, alignment: 3 }],
  ])('a request for %s is EFI_INVALID_PARAMETER', (_, request) => {
    const { hostBridge, handles } = world();
    expect(status(() => hostBridge.submitResources(handles[0], [request]))).toBe(
      'EFI_INVALID_PARAMETER',
    );
  });

  test('a handle of someone else is EFI_INVALID_PARAMETER everywhere', () => {
    const { hostBridge } = world();
    const stranger = { number: 3 };
    const calls = [
      () => hostBridge.getNextRootBridge(stranger),
      () => hostBridge.getAllocAttributes(stranger),
      () => hostBridge.startBusEnumeration(stranger),
      () => hostBridge.setBusNumbers(stranger, 0, 1),
      () => hostBridge.submitResources(stranger, []),
      () => hostBridge.getProposedResources(stranger),
    ];
    expect(calls.map((call) => status(call))).toEqual(calls.map(() => 'EFI_INVALID_PARAMETER'));
  });
});
