import type { EfiBootServices, EfiFile, EfiHandle, EfiSystemTable } from '@dxelab/uefi';
import { guid, isEfiFailure, LoadedImageProtocol, SimpleFileSystemProtocol } from '@dxelab/uefi';
import type { DxeModule, ModuleLibraries } from '@dxelab/uefi-lib';

/** An image at work: what its entry point receives. */
export interface Running {
  readonly imageHandle: EfiHandle;
  readonly systemTable: EfiSystemTable;
  readonly bs: EfiBootServices;
  readonly libraries: ModuleLibraries;
}

/** An application that does this. */
export function application(body: (running: Running) => void): DxeModule {
  return {
    name: 'Loader',
    fileGuid: guid('b3a8a2c1-52b5-4e3c-8d5d-5a0a1f0b7e01'),
    moduleType: 'UEFI_APPLICATION',
    entryPoint: (imageHandle, systemTable, libraries) =>
      body({ imageHandle, systemTable, bs: systemTable.bootServices, libraries }),
  };
}

/** A driver that does this when it is dispatched. */
export function driver(body: (running: Running) => void): DxeModule {
  return {
    name: 'TestDxe',
    fileGuid: guid('b3a8a2c1-52b5-4e3c-8d5d-5a0a1f0b7e02'),
    moduleType: 'UEFI_DRIVER',
    entryPoint: (imageHandle, systemTable, libraries) =>
      body({ imageHandle, systemTable, bs: systemTable.bootServices, libraries }),
  };
}

/** The root directory of the volume that an image was loaded from. */
export function bootVolume({ imageHandle, bs }: Running): EfiFile {
  const { deviceHandle } = bs.handleProtocol(imageHandle, LoadedImageProtocol);
  if (deviceHandle === undefined) throw new TypeError('the image was not loaded from a device');
  return bs.handleProtocol(deviceHandle, SimpleFileSystemProtocol).openVolume();
}

/** A file of the volume that an image was loaded from. */
export function readFile(running: Running, name: string): Uint8Array {
  const root = bootVolume(running);
  const file = root.open(name, 'read');
  const content = new Uint8Array(file.getInfo().fileSize);
  const length = file.read(content);
  file.close();
  root.close();
  return content.subarray(0, length);
}

export const KERNEL = '\\dxelab\\Kernel of the demonstration.txt';
/** What stands in that file. */
export const KERNEL_TEXT = 'This is where an operating system would begin.\n';

/** What an operating system's loader does: reads a kernel, tells the console, ends boot services. */
export function bootOs(running: Running): void {
  const { imageHandle, bs } = running;
  tellKernel(running);
  bs.exitBootServices(imageHandle, bs.getMemoryMap().mapKey);
}

/** The same where a timer may change the memory map before boot services have ended: it tries again. */
export function bootOsPatiently(running: Running): void {
  const { imageHandle, bs } = running;
  tellKernel(running);
  for (;;) {
    try {
      bs.exitBootServices(imageHandle, bs.getMemoryMap().mapKey);
      return;
    } catch (caught) {
      if (!isEfiFailure(caught) || caught.status !== 'EFI_INVALID_PARAMETER') throw caught;
    }
  }
}

function tellKernel(running: Running): void {
  const kernel = readFile(running, KERNEL);
  running.systemTable.conOut?.outputString(Buffer.from(kernel).toString('latin1'));
}

export const osLoader: DxeModule = application(bootOs);
