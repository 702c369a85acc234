import type { EfiFile, EfiHandle, EfiSystemTable } from '@dxelab/uefi';
import { guid, LoadedImageProtocol, SimpleFileSystemProtocol } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';

const CHUNK = 512;

/** Reads a small text file of the volume, as Latin-1. */
function readText(root: EfiFile, name: string): string {
  const file = root.open(name, 'read');
  const bytes = new Uint8Array(CHUNK);
  let text = '';
  for (let length = file.read(bytes); length > 0; length = file.read(bytes)) {
    text += String.fromCharCode(...bytes.subarray(0, length));
  }
  file.close();
  return text;
}

/** The value of a `key value` line of a Boot Loader Specification file. */
function setting(text: string, key: string): string {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${key} `));
  if (line === undefined) throw new TypeError(`the loader's configuration has no line "${key}"`);
  return line.slice(key.length).trim();
}

/** The volume that the image was loaded from. */
function bootVolume(imageHandle: EfiHandle, { bootServices }: EfiSystemTable): EfiFile {
  const { deviceHandle } = bootServices.handleProtocol(imageHandle, LoadedImageProtocol);
  if (deviceHandle === undefined) throw new TypeError('the loader was not loaded from a device');
  return bootServices.handleProtocol(deviceHandle, SimpleFileSystemProtocol).openVolume();
}

/**
 * Stands in for \EFI\BOOT\BOOTX64.EFI and does what an operating system's loader does: reads its
 * configuration and a kernel, tells the console, takes the memory map, and ends boot services.
 */
export const loader: DxeModule = {
  name: 'DemonstrationLoader',
  fileGuid: guid('64e1ab00-0000-4000-8000-000000000010'),
  moduleType: 'UEFI_APPLICATION',
  entryPoint(imageHandle, systemTable) {
    const { bootServices: bs, conOut } = systemTable;
    const root = bootVolume(imageHandle, systemTable);
    const entryName = setting(readText(root, '\\loader\\loader.conf'), 'default');
    const entry = readText(root, `\\loader\\entries\\${entryName}.conf`);
    const kernel = readText(root, setting(entry, 'linux').replaceAll('/', '\\'));
    conOut?.outputString(`Booting "${setting(entry, 'title')}"\r\n${kernel.trim()}\r\n`);
    root.close();
    const { mapKey } = bs.getMemoryMap();
    bs.exitBootServices(imageHandle, mapKey);
  },
};
