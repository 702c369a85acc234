import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { PciHostBridge } from '@dxelab/pci-devices';
import { pciHostBridgeDxe } from '@dxelab/pci-host-bridge-dxe';
import type { HobList } from '@dxelab/platform';
import type { EfiGcdMemorySpaceDescriptor } from '@dxelab/uefi';
import { EFI_MEMORY_RUNTIME, EFI_MEMORY_UC, PciRootBridgeIoProtocol } from '@dxelab/uefi';
import { dxeServicesTable, PROFILES, Quirks } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { testFunction, PciWorld } from '../pci-bus-dxe/pci-world.fixture.ts';

const MIB = 2 ** 20;
const MMIO = 'EfiGcdMemoryTypeMemoryMappedIo';

/** A firmware with PciHostBridgeDxe alone, whose PEI tells of the machine what `told` has. */
function boot(profile: 'specification' | 'edk2', told: (hobs: HobList) => HobList) {
  const { platform } = createEmulatedMachine({ memory: 16 * MIB, devices: [new PciHostBridge()] });
  const core = createDxeCore(
    { ...platform, hobs: told(platform.hobs) },
    { modules: [pciHostBridgeDxe], quirks: new Quirks(profile) },
  );
  core.dispatch();
  const [hob] = platform.hobs.pciRootBridges;
  if (hob?.mem64 === undefined) throw new Error('a q35 has a root bridge with three apertures');
  const { io, mem32, mem64 } = hob;
  return { core, ds: dxeServicesTable(core.systemTable), io, mem32, mem64 };
}

/** A machine with a function of 1 MiB of memory and 32 ports, connected after `before`. */
function connected(
  profile: 'specification' | 'edk2',
  before: (world: PciWorld) => void = () => {},
) {
  const world = new PciWorld(
    (host) =>
      host.plug(
        '02.0',
        testFunction('function', [
          [0, 'mem32', MIB],
          [1, 'io', 32],
        ]),
      ),
    { profile },
  );
  before(world);
  world.connect();
  const rootBridge = world.bs.handleProtocol(world.rootBridge, PciRootBridgeIoProtocol);
  const ds = dxeServicesTable(world.core.systemTable);
  const [hob] = world.machine.platform.hobs.pciRootBridges;
  const resources = rootBridge.configuration();
  return { world, ds, resources, mem32: hob?.mem32.base ?? 0, io: hob?.io.base ?? 0 };
}

const owner = (
  world: PciWorld,
  { imageHandle }: Pick<EfiGcdMemorySpaceDescriptor, 'imageHandle'>,
) => imageHandle && world.core.nameOf(imageHandle);

describe.each(PROFILES)(
  'the apertures in the Global Coherency Domain, %s (PI Vol. 2 §7.2)',
  (profile) => {
    test('are memory-mapped I/O, not to be cached, and I/O', () => {
      const { ds, io, mem32, mem64 } = boot(profile, (hobs) => hobs);
      for (const { base, length } of [mem32, mem64]) {
        expect(ds.getMemorySpaceDescriptor(base)).toMatchObject({
          gcdMemoryType: MMIO,
          capabilities: EFI_MEMORY_UC | EFI_MEMORY_RUNTIME,
          attributes: EFI_MEMORY_UC,
          imageHandle: undefined,
          baseAddress: base,
          length,
        });
      }
      expect(ds.getIoSpaceDescriptor(io.base).gcdIoType).toBe('EfiGcdIoTypeIo');
    });

    test('are the same if PEI has not told of them', () => {
      const told = boot(profile, (hobs) => hobs);
      const untold = boot(profile, (hobs) => ({
        ...hobs,
        resources: hobs.resources.filter(({ type }) => type === 'EFI_RESOURCE_SYSTEM_MEMORY'),
      }));
      for (const { base } of [told.mem32, told.mem64]) {
        expect(untold.ds.getMemorySpaceDescriptor(base)).toEqual(
          told.ds.getMemorySpaceDescriptor(base),
        );
      }
      expect(untold.ds.getIoSpaceMap()).toMatchObject([
        { gcdIoType: 'EfiGcdIoTypeNonExistent' },
        { gcdIoType: 'EfiGcdIoTypeIo', baseAddress: told.io.base, length: told.io.length },
      ]);
    });

    test('are not in the memory map: no range of them is needed at runtime (UEFI §7.2.3)', () => {
      const { core } = boot(profile, (hobs) => hobs);
      const { descriptors } = core.systemTable.bootServices.getMemoryMap();
      expect(Math.max(...descriptors.map(({ physicalStart }) => physicalStart))).toBeLessThan(
        16 * MIB,
      );
    });

    test('an aperture over RAM: EFI_INVALID_PARAMETER, and there is no PCI', () => {
      const { core } = boot(profile, (hobs) => ({
        ...hobs,
        pciRootBridges: hobs.pciRootBridges.map((hob) => ({
          ...hob,
          mem32: { base: 15 * MIB, length: 2 * MIB },
        })),
      }));
      expect(core.moduleFailures()).toMatchObject([{ error: { status: 'EFI_INVALID_PARAMETER' } }]);
    });

    test('BARs are allocated from them by PciHostBridgeDxe', () => {
      const { world, ds, resources, mem32, io } = connected(profile);
      expect(resources.map(({ type, base, length }) => [type, base, length])).toEqual([
        ['io', io, 32],
        ['memory', mem32, MIB],
        ['bus', 0, 1],
      ]);
      const memory = ds.getMemorySpaceDescriptor(mem32);
      expect(memory).toMatchObject({ baseAddress: mem32, length: MIB });
      expect(owner(world, memory)).toBe('PciHostBridgeDxe');
      const ports = ds.getIoSpaceDescriptor(io);
      expect(ports).toMatchObject({ baseAddress: io, length: 32 });
      expect(owner(world, ports)).toBe('PciHostBridgeDxe');
      expect(ds.getMemorySpaceDescriptor(mem32 + MIB).imageHandle).toBeUndefined();
    });

    test('what another driver has of an aperture, no BAR gets', () => {
      const { resources, mem32, io } = connected(profile, (world) => {
        const ds = dxeServicesTable(world.core.systemTable);
        const [hob] = world.machine.platform.hobs.pciRootBridges;
        const { labImage } = world.core;
        const [memory, ports] = [hob?.mem32.base, hob?.io.base];
        ds.allocateMemorySpace('EfiGcdAllocateAddress', MMIO, 0, 0x1000, memory, labImage);
        ds.allocateIoSpace('EfiGcdAllocateAddress', 'EfiGcdIoTypeIo', 0, 1, ports, labImage);
      });
      expect(resources.map(({ base }) => base)).toEqual([io + 32, mem32 + MIB, 0]);
    });

    test('stay as they are when the bus is disconnected and connected again', () => {
      const { world, ds } = connected(profile);
      const before = ds.getMemorySpaceMap();
      world.bs.disconnectController(world.rootBridge);
      world.connect();
      expect(ds.getMemorySpaceMap()).toEqual(before);
    });
  },
);
