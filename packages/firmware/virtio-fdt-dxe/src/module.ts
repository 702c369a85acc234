import type { DeviceTree } from '@dxelab/fdt';
import { readFdt } from '@dxelab/fdt';
import type { EfiBootServices, PhysicalAddress } from '@dxelab/uefi';
import { devicePath, DevicePathProtocol, EfiError, guid, isEfiFailure } from '@dxelab/uefi';
import type { DxeModule, HardwareLibraries } from '@dxelab/uefi-lib';
import { DEBUG_ERROR, DEBUG_INFO } from '@dxelab/uefi-lib';
import { virtioMmioNode } from '@dxelab/virtio';
import { virtioMmioInstallDevice } from '@dxelab/virtio-mmio-device-lib';
import { findTransports } from './find-transports.ts';
import { virtioFdtQuirks } from './quirks.ts';

/**
 * OvmfPkg/Fdt/VirtioFdtDxe/VirtioFdtDxe.inf, with what of EmbeddedPkg's FdtClientDxe it needs. A plain
 * driver: what it finds at its entry stays.
 */
export const virtioFdtDxe: DxeModule = {
  name: 'VirtioFdtDxe',
  fileGuid: guid('0049858f-8ca7-4ccd-918b-d952cbf32975'),
  moduleType: 'DXE_DRIVER',
  depex: { op: 'TRUE' },
  hardware: true,
  entryPoint(_imageHandle, { bootServices }, libraries) {
    const tree = deviceTreeOf(libraries);
    if (tree === undefined) return;
    const { debug, quirks } = libraries;
    for (const { path, address } of findTransports(tree.root, virtioFdtQuirks(quirks))) {
      if (address.value === undefined) debug.debug(DEBUG_ERROR, `${path}: ${address.problem}`);
      else install(path, address.value, bootServices, libraries);
    }
  },
};

/**
 * The device tree that the platform's PEI left; `undefined` if it left none.
 * @throws EFI_NOT_FOUND if it is broken: for FdtClientDxe too there is none then
 */
function deviceTreeOf({ platform: { hobs }, ram }: HardwareLibraries): DeviceTree | undefined {
  if (hobs.deviceTree === undefined) return undefined;
  const { address, length } = hobs.deviceTree;
  const bytes = new Uint8Array(length);
  ram.readBytes(address, bytes);
  const { value: tree, problem } = readFdt(bytes);
  if (tree !== undefined) return tree;
  throw new EfiError('EFI_NOT_FOUND', `the device tree at 0x${address.toString(16)}: ${problem}`);
}

/** Makes a handle for a device, unless there is none: one that fails does not keep the others out. */
function install(
  node: string,
  address: PhysicalAddress,
  bs: EfiBootServices,
  libraries: HardwareLibraries,
): void {
  const path = devicePath(virtioMmioNode(address));
  const handle = bs.installProtocolInterface(undefined, DevicePathProtocol, path);
  try {
    virtioMmioInstallDevice(address, handle, bs, libraries);
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    bs.uninstallProtocolInterface(handle, DevicePathProtocol, path);
    const level = caught.status === 'EFI_NOT_FOUND' ? DEBUG_INFO : DEBUG_ERROR;
    libraries.debug.debug(level, `${node}: ${caught.message}`);
  }
}
