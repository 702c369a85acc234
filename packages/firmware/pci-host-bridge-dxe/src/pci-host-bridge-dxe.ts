import type { PciRootBridgeHob, Platform } from '@dxelab/platform';
import type { EfiBootServices, EfiDxeServices, EfiHandle, EfiSystemTable } from '@dxelab/uefi';
import {
  CpuArchProtocol,
  DevicePathProtocol,
  EFI_MEMORY_UC,
  EFI_PCI_ATTRIBUTE_VGA_MEMORY,
  EfiError,
  MetronomeArchProtocol,
  PciHostBridgeResourceAllocationProtocol,
  PciRootBridgeIoProtocol,
  devicePath,
  guid,
  isEfiFailure,
  pciRootNode,
  protocolInterface,
} from '@dxelab/uefi';
import type { DebugLib, DxeModule, HardwareLibraries, Quirks } from '@dxelab/uefi-lib';
import { DEBUG_WARN, dxeServicesTable } from '@dxelab/uefi-lib';
import type { ApertureSpaces } from './aperture-space.ts';
import { addAperture, apertureSpaces } from './aperture-space.ts';
import type { ConfigMechanism } from './config/config-mechanism.ts';
import { ConfigurationPorts } from './config/configuration-ports.ts';
import { Ecam } from './config/ecam.ts';
import { RootBridgeConfig } from './config/root-bridge-config.ts';
import { DirectDma } from './dma/direct-dma.ts';
import type { IoMmuSlot } from './dma/protected-dma.ts';
import { ProtectedDma } from './dma/protected-dma.ts';
import { watchForIoMmu } from './dma/watch-for-io-mmu.ts';
import { HostBridge } from './host-bridge.ts';
import { RootBridgeAttributes } from './root-bridge-attributes.ts';
import { RootBridgeIo } from './root-bridge-io.ts';
import { RootBridgeSpace } from './root-bridge-space.ts';
import { RootBridge } from './root-bridge.ts';

/** Ports of the legacy devices on a PC's mainboard, decoded without an aperture. */
const LEGACY_IO = { base: 0, length: 0x1000 };
const ANY_ATTRIBUTE = 0xffffffff;
/** The frame buffer of a VGA. */
const LEGACY_VGA_MEMORY = { base: 0xa0000, length: 0x20000 };

/** One root bridge, with the services of its EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL. */
export function createRootBridgeIo(
  bs: EfiBootServices,
  platform: Platform,
  quirks: Quirks,
  parentHandle: EfiHandle,
  rootBridge: RootBridge,
  ioMmu: IoMmuSlot,
): RootBridgeIo {
  const { hob } = rootBridge;
  const attributes = new RootBridgeAttributes();
  const memory = {
    low: hob.mem32,
    high: hob.mem64,
    legacy: LEGACY_VGA_MEMORY,
    legacyAttributes: EFI_PCI_ATTRIBUTE_VGA_MEMORY,
  };
  const io = {
    low: hob.io,
    high: undefined,
    legacy: LEGACY_IO,
    legacyAttributes: ANY_ATTRIBUTE,
  };
  const unaligned = quirks.has('PciHostBridgeDxe.ExtendedConfigUnaligned');
  const dmaAbove4G = hob.dmaAbove4G && !quirks.has('PciHostBridgeDxe.DmaBelow4G');
  return new RootBridgeIo(bs, {
    parentHandle,
    rootBridge,
    attributes,
    mem: new RootBridgeSpace(platform.mmio, memory, attributes, 8),
    io: new RootBridgeSpace(platform.ports, io, attributes, 4),
    pci: new RootBridgeConfig(configMechanism(platform, hob), hob, unaligned),
    dma: new ProtectedDma(new DirectDma(bs, platform.ram, dmaAbove4G, quirks), ioMmu, dmaAbove4G),
  });
}

function configMechanism(platform: Platform, hob: PciRootBridgeHob): ConfigMechanism {
  if (hob.ecam !== undefined) return new Ecam(platform.mmio, hob.ecam);
  return new ConfigurationPorts(platform.ports, platform.cpu);
}

/** Says to the Global Coherency Domain what a root bridge decodes; its memory is not to be cached. */
function addApertures(
  ds: EfiDxeServices,
  { io, memory }: ApertureSpaces,
  hob: PciRootBridgeHob,
  debug: DebugLib,
): void {
  if (hob.io.length > 0) addAperture(io, hob.io);
  for (const window of [hob.mem32, hob.mem64]) {
    if (window === undefined || window.length === 0) continue;
    addAperture(memory, window);
    try {
      ds.setMemorySpaceAttributes(window.base, window.length, EFI_MEMORY_UC);
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
      // it is decoded all the same
      debug.debug(DEBUG_WARN, `an aperture cannot be made uncacheable: ${caught.message}`);
    }
  }
}

/** InitializePciHostBridge: one handle for the host bridge and one for each root bridge. */
function entryPoint(
  imageHandle: EfiHandle,
  systemTable: EfiSystemTable,
  { debug, platform, quirks }: HardwareLibraries,
): void {
  const bs = systemTable.bootServices;
  const rootBridges = platform.hobs.pciRootBridges.map((hob) => new RootBridge(hob));
  if (rootBridges.length === 0) {
    throw new EfiError('EFI_UNSUPPORTED', 'the platform has no PCI root bridge');
  }
  const ds = dxeServicesTable(systemTable);
  const spaces = apertureSpaces(ds, imageHandle);
  for (const { hob } of rootBridges) addApertures(ds, spaces, hob, debug);
  const ioMmu = watchForIoMmu(bs);
  const parentHandle = bs.installProtocolInterface(
    undefined,
    PciHostBridgeResourceAllocationProtocol,
    new HostBridge(rootBridges, spaces),
  );
  for (const rootBridge of rootBridges) {
    const instance = createRootBridgeIo(bs, platform, quirks, parentHandle, rootBridge, ioMmu);
    const { segment, firstBus } = rootBridge.hob;
    rootBridge.handle = bs.installMultipleProtocolInterfaces(
      undefined,
      // The UID is the bus number, as in OVMF; segments, which OVMF has not, count on.
      protocolInterface(DevicePathProtocol, devicePath(pciRootNode(segment * 0x100 + firstBus))),
      protocolInterface(PciRootBridgeIoProtocol, instance),
    );
  }
}

/** PciHostBridgeDxe (MdeModulePkg/Bus/Pci/PciHostBridgeDxe). */
export const pciHostBridgeDxe: DxeModule = {
  name: 'PciHostBridgeDxe',
  fileGuid: guid('128fb770-5e79-4176-9e51-9bb268a17dd1'),
  moduleType: 'DXE_DRIVER',
  depex: {
    op: 'AND',
    operands: [
      { op: 'PUSH', protocol: CpuArchProtocol },
      { op: 'PUSH', protocol: MetronomeArchProtocol },
    ],
  },
  hardware: true,
  entryPoint,
};
