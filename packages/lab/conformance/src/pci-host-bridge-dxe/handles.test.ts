import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { PciHostBridge } from '@dxelab/pci-devices';
import { pciHostBridgeDxe } from '@dxelab/pci-host-bridge-dxe';
import type { PciRootBridgeHob } from '@dxelab/platform';
import {
  DevicePathProtocol,
  PciHostBridgeResourceAllocationProtocol,
  PciRootBridgeIoProtocol,
  convertDevicePathToText,
} from '@dxelab/uefi';
import { PROFILES, Quirks } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';

/** A firmware with this one module, on a machine whose root bridges are told as `told` has it. */
function boot(
  profile: 'specification' | 'edk2',
  told: (hob: PciRootBridgeHob) => readonly PciRootBridgeHob[],
) {
  const { platform } = createEmulatedMachine({ memory: 2 ** 24, devices: [new PciHostBridge()] });
  const { hobs } = platform;
  const core = createDxeCore(
    { ...platform, hobs: { ...hobs, pciRootBridges: hobs.pciRootBridges.flatMap(told) } },
    { modules: [pciHostBridgeDxe], quirks: new Quirks(profile) },
  );
  core.dispatch();
  return { core, bs: core.systemTable.bootServices };
}

describe.each(PROFILES)('the handles of PciHostBridgeDxe, profile %s', (profile) => {
  test('a root bridge has PciRootBridgeIo and PciRoot(0x0), and hangs from the host bridge', () => {
    const { bs } = boot(profile, (hob) => [hob]);
    const [rootBridge] = bs.locateHandleBuffer({
      type: 'ByProtocol',
      protocol: PciRootBridgeIoProtocol,
    });
    const [hostBridge] = bs.locateHandleBuffer({
      type: 'ByProtocol',
      protocol: PciHostBridgeResourceAllocationProtocol,
    });
    const io = bs.locateProtocol(PciRootBridgeIoProtocol);
    expect(io.parentHandle).toBe(hostBridge);
    expect(io.segmentNumber).toBe(0);
    expect(io.configuration()).toEqual([]);
    const path = bs.locateProtocol(DevicePathProtocol);
    expect(convertDevicePathToText(path)).toBe('PciRoot(0x0)');
    expect([...path]).toEqual([2, 1, 12, 0, 0xd0, 0x41, 3, 10, 0, 0, 0, 0, 0x7f, 0xff, 4, 0]);
    const allocation = bs.locateProtocol(PciHostBridgeResourceAllocationProtocol);
    expect(allocation.getNextRootBridge(undefined)).toBe(rootBridge);
  });

  test('the UID of a root bridge is its first bus (Appendix C.31)', () => {
    const { bs } = boot(profile, (hob) => [
      { ...hob, lastBus: 0x3f },
      { ...hob, firstBus: 0x40 },
    ]);
    const handles = bs.locateHandleBuffer({
      type: 'ByProtocol',
      protocol: PciRootBridgeIoProtocol,
    });
    const paths = handles.map((handle) => bs.handleProtocol(handle, DevicePathProtocol));
    expect(paths.map((path) => convertDevicePathToText(path))).toEqual([
      'PciRoot(0x0)',
      'PciRoot(0x40)',
    ]);
  });

  test('a platform without PCI: EFI_UNSUPPORTED, and nothing is left', () => {
    const { core, bs } = boot(profile, () => []);
    expect(core.moduleFailures()).toMatchObject([{ error: { status: 'EFI_UNSUPPORTED' } }]);
    expect(() => bs.locateProtocol(PciRootBridgeIoProtocol)).toThrow(/EFI_NOT_FOUND/);
  });
});
